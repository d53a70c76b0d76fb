import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { MemoryEventStore } from '@guanxi/event-store';
import type { AnyReadModel } from '@guanxi/projections';
import { NEVER, columnOf, firstGeneration, tablesOf } from '@guanxi/projections';
import type { Counted } from '../fold';
import { inForce, keysOf, ofKey, truthOf } from '../fold';
import { models } from '../models';
import { Database, appendTo, appendsOf } from './databases';

/**
 * A second database that holds what was known at a position and nothing else. Its rows are told by the plain fold and
 * written by plain statements, so that what the engine gets wrong is not wrong here as well.
 */
export class Told extends Database {
  static async open(): Promise<Told> {
    return new Told(...(await Database.prepared()));
  }

  /** Holds what a log says up to a position. */
  async tell(log: readonly RecordedEvent[], position: bigint): Promise<void> {
    await this.empty();
    const known = log.filter((event) => event.position <= position);
    const clock = { at: 0 };
    this.store = new MemoryEventStore(() => clock.at);
    for (const events of appendsOf(known)) await appendTo(this.store, clock, events);
    const counted = inForce(known, position);
    for (const model of models) await this.write(model, known, counted);
    await this.pool.query('update ops.checkpoints set position = $1', [String(position)]);
  }

  private async write(
    model: AnyReadModel,
    known: readonly RecordedEvent[],
    counted: readonly Counted[],
  ): Promise<void> {
    const tables = tablesOf(firstGeneration(model));
    const current: object[] = [];
    const history: object[] = [];
    const movements: object[] = [];
    for (const id of keysOf(model, known)) {
      const own = ofKey(model, id, counted);
      const changes = changesOf(model, id, own);
      changes.forEach(({ row, since }, index) => {
        const next = changes[index + 1]?.since;
        const common = { id, ...columns(row), valid_from: since, opened_pos: 1 };
        if (next === undefined) current.push({ ...common, last_at: since });
        else history.push({ ...common, valid_to: next, closed_pos: 1, superseded_pos: String(NEVER) });
      });
      const end = own.at(-1)?.at;
      const moved = end === undefined ? [] : truthOf(model, id, own, end).movements;
      for (const { movement, at } of moved) {
        const place = { effective_at: at, known_pos: 1, superseded_pos: String(NEVER) };
        movements.push({ id, ...columns(movement), ...place });
      }
    }
    await this.insert(tables.current, current);
    await this.insert(tables.history, history);
    await this.insert(tables.movements, movements);
    if (model.manyStreams) await this.insert(tables.streams, streamsOf(model, known));
  }

  private async insert(table: string, rows: readonly object[]): Promise<void> {
    if (rows.length === 0) return;
    await this.pool.query(
      `insert into ${table} select * from jsonb_populate_recordset(null::${table}, $1::jsonb)`,
      [JSON.stringify(rows)],
    );
  }
}

/** A key's row at each moment at which it became another. */
function changesOf(
  model: AnyReadModel,
  key: string,
  own: readonly Counted[],
): readonly { readonly row: object; readonly since: Instant }[] {
  const moments = [...new Set(own.map(({ at }) => at))].sort();
  return moments.flatMap((moment) => {
    const { row, since } = truthOf(model, key, own, moment);
    return row !== null && since === moment ? [{ row, since }] : [];
  });
}

const streamsOf = (model: AnyReadModel, known: readonly RecordedEvent[]): readonly object[] => {
  const noted = new Map<string, object>();
  for (const event of known) {
    const id = model.keyOf(event);
    if (id === undefined) continue;
    if (model.manyStreams === 'of-its-types' && !model.types.includes(event.type)) continue;
    noted.set(`${id} ${event.stream}`, { id, stream: event.stream, noted_pos: 1 });
  }
  return [...noted.values()];
};

const columns = (row: object): object =>
  Object.fromEntries(Object.entries(row).map(([field, value]) => [columnOf(field), value as unknown]));
