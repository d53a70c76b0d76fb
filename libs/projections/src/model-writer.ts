import { arrayOf } from '@guanxi/pg-arrays';
import type { PoolClient } from 'pg';
import { NEVER } from './ddl';
import { OWN_COLUMNS, historyOf, placeOf } from './own-columns';
import type { AnyReadModel } from './read-model';
import { tablesOf } from './read-model';
import type { FieldColumns } from './row-codec';
import type { MadeStatement, Statement } from './statements';
import { inTurn } from './statements';
import { Rows, currentOf, fieldColumns, readTypes } from './row-codec';
import { KeyVersions } from './versions';

const NO_FIELDS: FieldColumns = [];

/** That a stream speaks about a key, as an event at a position first said. */
export interface StreamNote {
  readonly key: string;
  readonly stream: string;
  readonly position: bigint;
}

type Entry = readonly [key: string, versions: KeyVersions];

/** What is to be written of keys. */
export interface WrittenVersions {
  /** What was loaded and took further events. */
  readonly grown?: ReadonlyMap<string, KeyVersions>;
  /** What was folded from the first event on. */
  readonly whole?: ReadonlyMap<string, KeyVersions>;
}

const NOTHING: ReadonlyMap<string, KeyVersions> = new Map();

/** Reads and writes one read model's tables; every statement takes its rows as columns, each a binary array. */
export class ModelWriter {
  private readonly tables;
  private readonly fields: FieldColumns;
  private readonly movementFields: FieldColumns;

  constructor(
    readonly model: AnyReadModel,
    generation: string,
  ) {
    this.tables = tablesOf(generation);
    this.fields = fieldColumns(model.columns);
    this.movementFields = fieldColumns(model.movements?.columns ?? {});
  }

  /** The current versions of keys, ready to take further events; a key without a row starts empty. */
  async load(client: PoolClient, keys: readonly string[]): Promise<Map<string, KeyVersions>> {
    const loaded = new Map(keys.map((key) => [key, new KeyVersions(this.model, key)]));
    if (keys.length === 0) return loaded;
    const { rows } = await client.query<unknown[]>({
      name: `load ${this.tables.current}`,
      text: `select ${new Rows(this.fields, OWN_COLUMNS.current).names} from ${this.tables.current} where id = any($1::uuid[])`,
      values: [arrayOf('uuid', keys)],
      rowMode: 'array',
      types: readTypes,
    });
    for (const values of rows) {
      const { key, current, lastAt } = currentOf(this.fields, values);
      loaded.set(key, new KeyVersions(this.model, key, current, lastAt));
    }
    return loaded;
  }

  /** Adds what versions gained since they were loaded. */
  async add(client: PoolClient, grown: ReadonlyMap<string, KeyVersions>): Promise<void> {
    await this.write(client, { grown });
  }

  /** Puts whole keys in the place of whatever the tables hold of them. */
  async replace(client: PoolClient, whole: ReadonlyMap<string, KeyVersions>): Promise<void> {
    await this.write(client, { whole });
  }

  /**
   * Adds what versions gained since they were loaded, and puts whole keys in the place of whatever the tables hold of
   * them. While the server carries out one statement, the rows of the next are made ready.
   */
  async write(client: PoolClient, { grown = NOTHING, whole = NOTHING }: WrittenVersions): Promise<void> {
    const entries = [...grown, ...whole].sort(byKey);
    await inTurn(client, [
      ...this.deletions([...whole.keys()]),
      () => this.closed(entries),
      () => this.history(entries),
      () => this.movements(entries),
      ...this.currentRows(entries),
    ]);
  }

  /** Notes which streams speak about which keys, and since which position. */
  async noteStreams(client: PoolClient, notes: readonly StreamNote[]): Promise<void> {
    const rows = new Rows(NO_FIELDS, OWN_COLUMNS.streams);
    const inOrder = notes.toSorted((left, right) => (left.key < right.key ? -1 : 1));
    for (const { key, stream, position } of inOrder) rows.add(key, {}, [stream, position]);
    await inTurn(client, [() => insertOf('note', this.tables.streams, rows, 'on conflict do nothing')]);
  }

  /** The streams that speak about a key. */
  async streamsOf(client: PoolClient, key: string, stream: string): Promise<readonly string[]> {
    if (!this.model.manyStreams) return [stream];
    const { rows } = await client.query<{ stream: string }>(
      `select stream from ${this.tables.streams} where id = $1`,
      [key],
    );
    return rows.map(({ stream }) => stream);
  }

  private deletions(keys: readonly string[]): readonly MadeStatement[] {
    if (keys.length === 0) return [];
    const { current, history, movements } = this.tables;
    const tables = this.model.movements ? [history, current, movements] : [history, current];
    const values = [arrayOf('uuid', keys)];
    return [
      // Until its statistics are there, the planner takes a growing table for one in which few keys have most rows.
      () => ({ text: 'set local enable_seqscan = off', values: [] }),
      ...tables.map((table) => () => ({
        text: `delete from ${table} where id = any($1::uuid[])`,
        values,
      })),
    ];
  }

  private currentRows(entries: readonly Entry[]): readonly MadeStatement[] {
    const { current: table } = this.tables;
    const made = new Rows(this.fields, OWN_COLUMNS.current);
    const changed = new Rows(this.fields, OWN_COLUMNS.current);
    const seen = new Rows(NO_FIELDS, OWN_COLUMNS.seen);
    for (const [id, { current, currentChanged, hadRow, lastAt }] of entries) {
      if (!current || !lastAt) continue;
      if (!currentChanged) seen.add(id, {}, [lastAt]);
      else (hadRow ? changed : made).add(id, current.row, [current.validFrom, current.openedPos, lastAt]);
    }
    const overwrite = [...this.fields, ...OWN_COLUMNS.current].map(
      ({ name }) => `${name} = excluded.${name}`,
    );
    return [
      () => insertOf('put', table, changed, `on conflict (id) do update set ${overwrite.join(', ')}`),
      () => insertOf('make', table, made),
      () =>
        seen.count === 0
          ? undefined
          : {
              name: `see ${table}`,
              text: `update ${table} c set last_at = seen.last_at
                       from ${seen.source} as seen (id, last_at)
                      where c.id = seen.id and c.last_at < seen.last_at`,
              values: seen.parameters(),
            },
    ];
  }

  /** What stands in the table as the row of now becomes history there, without being sent. */
  private closed(entries: readonly Entry[]): Statement | undefined {
    const ended = new Rows(NO_FIELDS, OWN_COLUMNS.ended);
    for (const [id, { closed, closedLoaded }] of entries) {
      const [first] = closed;
      if (first && closedLoaded === 1) ended.add(id, {}, [first.validTo, first.closedPos]);
    }
    if (ended.count === 0) return undefined;
    const { current, history } = this.tables;
    const fields = this.fields.map(({ name }) => name);
    const into = ['id', ...fields, 'valid_from', 'opened_pos', 'valid_to', 'closed_pos', 'superseded_pos'];
    const kept = ['id', ...fields, 'valid_from', 'opened_pos'].map((name) => `c.${name}`);
    return {
      name: `close ${history}`,
      text: `insert into ${history} (${into.join(', ')})
             select ${kept.join(', ')}, ended.valid_to, ended.closed_pos, ${NEVER}
               from ${ended.source} as ended (${ended.names}) join ${current} c on c.id = ended.id`,
      values: ended.parameters(),
    };
  }

  private history(entries: readonly Entry[]): Statement | undefined {
    const rows = new Rows(this.fields, OWN_COLUMNS.history);
    for (const [id, { closed, closedLoaded }] of entries)
      for (const version of closed.slice(closedLoaded)) rows.add(id, version.row, historyOf(version));
    return insertOf('insert', this.tables.history, rows);
  }

  private movements(entries: readonly Entry[]): Statement | undefined {
    const rows = new Rows(this.movementFields, OWN_COLUMNS.movements);
    for (const [id, { movements }] of entries)
      for (const placed of movements) rows.add(id, placed.movement, placeOf(placed));
    return insertOf('insert', this.tables.movements, rows);
  }
}

/** Rows that go into an index in its order meet pages that the rows before have just brought near. */
const byKey = ([left]: Entry, [right]: Entry): number => (left < right ? -1 : 1);

/** The insertion of rows; none when there are none. @throws UnstorableValue */
function insertOf(verb: string, table: string, rows: Rows, onConflict = ''): Statement | undefined {
  if (rows.count === 0) return undefined;
  return {
    name: `${verb} ${table}`,
    text: `insert into ${table} (${rows.names}) select ${rows.selection} from ${rows.source} as r (${rows.names}) ${onConflict}`,
    values: rows.parameters(),
  };
}
