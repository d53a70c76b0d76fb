import { MemoryEventStore } from '@guanxi/event-store';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { createPool, migrate } from '@guanxi/platform';
import type { AnyReadModel, TableNames } from '@guanxi/projections';
import {
  ProjectionRunner,
  Queries,
  firstGeneration,
  prepareReadModels,
  readTypes,
  rowsAt,
  movementsAt,
  selectList,
  tablesOf,
} from '@guanxi/projections';
import type { Pool } from 'pg';
import { testDatabase } from '../../support/postgres';
import type { Truth } from '../fold';
import { plain } from '../fold';
import { registry } from '../history/command-path';
import { models } from '../models';

/** A database with the tables of every read model, asked through a store whose log the test decides on. */
export class Database {
  store: MemoryEventStore;
  /** The moment that counts as now. */
  now: Instant;

  protected constructor(
    readonly pool: Pool,
    private readonly dropping: () => Promise<void>,
  ) {
    this.store = new MemoryEventStore();
    this.now = '2024-01-01T00:00:00.000Z' as Instant;
  }

  protected static async prepared(): Promise<[Pool, () => Promise<void>]> {
    const database = await testDatabase();
    await migrate(database.url);
    const pool = createPool({ url: database.url, name: 'two-axes', max: 8 });
    await prepareReadModels(pool, models);
    return [pool, () => database.drop()];
  }

  /** Queries as the product asks them. */
  queries(): Queries {
    return new Queries(this.pool, this.store, () => this.now);
  }

  /** Empties all tables of the read models. */
  async empty(): Promise<void> {
    const tables = models.flatMap((model) => ownTables(model));
    const statements = tables.map((table) => `delete from ${table}`);
    const books = ['ops.parked_keys', 'ops.serving', 'ops.generations'].map(
      (table) => `delete from ${table}`,
    );
    await this.pool.query([...statements, ...books].join(';'));
    await prepareReadModels(this.pool, models);
    this.store = new MemoryEventStore();
  }

  async close(): Promise<void> {
    await this.store.close();
    await this.pool.end();
    await this.dropping();
  }
}

/** The database under test: the engine follows a log into it. */
export class Kept extends Database {
  static async open(): Promise<Kept> {
    return new Kept(...(await Database.prepared()));
  }

  /**
   * Follows a log from its beginning.
   * @param batches how many appends come at once; the last number holds for the rest
   */
  async follow(log: readonly RecordedEvent[], batches: readonly number[]): Promise<void> {
    await this.empty();
    const clock = { at: 0 };
    const store = new MemoryEventStore(() => clock.at);
    this.store = store;
    const warnings: string[] = [];
    const warn = (message: string): void => void warnings.push(message);
    const times = { beatMilliseconds: 50, patienceMilliseconds: 5_000 };
    const runner = new ProjectionRunner(
      this.pool,
      store,
      registry,
      models,
      { info: () => undefined, warn },
      times,
    );
    await runner.start();
    try {
      const appends = appendsOf(log);
      for (let from = 0, turn = 0; from < appends.length; turn += 1) {
        const many = batches[Math.min(turn, batches.length - 1)] ?? appends.length;
        const together = appends.slice(from, from + many);
        // Begun at once, so that the follower finds all of them when it looks.
        const begun = together.map((events) => appendTo(store, clock, events));
        const positions = await Promise.all(begun);
        await this.queries().waitFor(models, positions.at(-1) ?? 0n);
        from += together.length;
      }
    } finally {
      await runner.stop();
    }
    const { rows } = await this.pool.query('select id, error from ops.parked_keys');
    if (rows.length > 0 || warnings.length > 0)
      throw new Error(`parked: ${JSON.stringify(rows)}; warned: ${warnings.join('; ')}`);
  }

  /** What a model's tables say at a moment with the knowledge of a position, by key. */
  async said(
    model: AnyReadModel,
    asOf: Instant | null,
    known: bigint | null,
  ): Promise<ReadonlyMap<string, Truth>> {
    const placed = { model, generation: firstGeneration(model) };
    const rows = await this.select(
      `select id as "@id", valid_from as "@since", ${selectList(model.columns)} from ${rowsAt(placed, { asOf, known })} r`,
    );
    const moved = model.movements
      ? await this.select(
          `select id as "@id", effective_at as "@since", ${selectList(model.movements.columns)}
             from ${movementsAt(placed, { asOf, known })} m`,
        )
      : [];
    const said = new Map<string, Truth>();
    for (const { '@id': id, '@since': since, ...row } of rows) {
      if (said.has(String(id))) throw new Error(`${model.name} has two rows of ${String(id)} at one moment`);
      said.set(String(id), { row: plain(row), since: since as Instant, movements: [] });
    }
    for (const { '@id': id, '@since': at, ...movement } of moved) {
      const own = said.get(String(id)) ?? { row: null, since: null, movements: [] };
      said.set(String(id), {
        ...own,
        movements: [...own.movements, { movement: plain(movement), at: at as Instant }],
      });
    }
    return said;
  }

  private async select(text: string): Promise<readonly Record<string, unknown>[]> {
    const { rows } = await this.pool.query<Record<string, unknown>>({ text, types: readTypes });
    return rows;
  }
}

export const ownTables = (model: AnyReadModel): readonly string[] => {
  const { current, history, movements, streams }: TableNames = tablesOf(firstGeneration(model));
  return [current, history, ...(model.movements ? [movements] : []), ...(model.manyStreams ? [streams] : [])];
};

/** Events by the append in which they came. */
export function appendsOf(log: readonly RecordedEvent[]): readonly (readonly RecordedEvent[])[] {
  const appends: RecordedEvent[][] = [];
  for (const event of log) {
    const last = appends.at(-1);
    if (last?.[0]?.metadata.commandId === event.metadata.commandId) last.push(event);
    else appends.push([event]);
  }
  return appends;
}

/** Writes events as they were written before; each comes to lie where it lay. */
export async function appendTo(
  store: MemoryEventStore,
  clock: { at: number },
  events: readonly RecordedEvent[],
): Promise<bigint> {
  const [first] = events;
  if (!first) return 0n;
  clock.at = Date.parse(first.recordedAt);
  const { position } = await store.append(
    [{ stream: first.stream, expected: 'any', events }],
    first.metadata,
  );
  return position;
}
