import { arrayOf } from '@guanxi/pg-arrays';
import type { PoolClient } from 'pg';
import { OWN_COLUMNS, historyOf, placeOf } from './own-columns';
import type { AnyReadModel } from './read-model';
import { tablesOf } from './read-model';
import type { FieldColumns } from './row-codec';
import { Rows, currentOf, fieldColumns, readTypes } from './row-codec';
import { KeyVersions } from './versions';

const NO_FIELDS: FieldColumns = [];

/** That a stream speaks about a key, as an event at a position first said. */
export interface StreamNote {
  readonly key: string;
  readonly stream: string;
  readonly position: bigint;
}

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

  /** Adds what the versions gained since they were loaded. */
  async add(client: PoolClient, versions: ReadonlyMap<string, KeyVersions>): Promise<void> {
    const entries = [...versions];
    await this.insertHistory(client, entries);
    await this.insertMovements(client, entries);
    await this.putCurrent(client, entries);
  }

  /** Puts whole keys in the place of whatever the tables hold of them. */
  async replace(client: PoolClient, versions: ReadonlyMap<string, KeyVersions>): Promise<void> {
    const keys = [...versions.keys()];
    const { current, history, movements } = this.tables;
    await client.query(`delete from ${history} where id = any($1::uuid[])`, [keys]);
    await client.query(`delete from ${current} where id = any($1::uuid[])`, [keys]);
    if (this.model.movements)
      await client.query(`delete from ${movements} where id = any($1::uuid[])`, [keys]);
    await this.add(client, versions);
  }

  /** Notes which streams speak about which keys, and since which position. */
  async noteStreams(client: PoolClient, notes: readonly StreamNote[]): Promise<void> {
    const rows = new Rows(NO_FIELDS, OWN_COLUMNS.streams);
    for (const { key, stream, position } of notes) rows.add(key, {}, [stream, position]);
    await this.insert(client, 'note', this.tables.streams, rows, 'on conflict do nothing');
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

  private async putCurrent(client: PoolClient, entries: readonly [string, KeyVersions][]): Promise<void> {
    const made = new Rows(this.fields, OWN_COLUMNS.current);
    const changed = new Rows(this.fields, OWN_COLUMNS.current);
    const seen = new Rows(NO_FIELDS, OWN_COLUMNS.seen);
    for (const [id, { current, currentChanged, hadRow, lastAt }] of entries) {
      if (!current || !lastAt) continue;
      if (!currentChanged) seen.add(id, {}, [lastAt]);
      else (hadRow ? changed : made).add(id, current.row, [current.validFrom, current.openedPos, lastAt]);
    }
    await this.insert(client, 'make', this.tables.current, made);
    if (seen.count > 0) {
      await client.query({
        name: `see ${this.tables.current}`,
        text: `update ${this.tables.current} c set last_at = seen.last_at
                 from ${seen.source} as seen (id, last_at)
                where c.id = seen.id and c.last_at < seen.last_at`,
        values: seen.parameters(),
      });
    }
    const overwrite = [...this.fields, ...OWN_COLUMNS.current].map(
      ({ name }) => `${name} = excluded.${name}`,
    );
    const onConflict = `on conflict (id) do update set ${overwrite.join(', ')}`;
    await this.insert(client, 'put', this.tables.current, changed, onConflict);
  }

  private async insertHistory(client: PoolClient, entries: readonly [string, KeyVersions][]): Promise<void> {
    const rows = new Rows(this.fields, OWN_COLUMNS.history);
    for (const [id, { closed }] of entries)
      for (const version of closed) rows.add(id, version.row, historyOf(version));
    await this.insert(client, 'insert', this.tables.history, rows);
  }

  private async insertMovements(
    client: PoolClient,
    entries: readonly [string, KeyVersions][],
  ): Promise<void> {
    const rows = new Rows(this.movementFields, OWN_COLUMNS.movements);
    for (const [id, { movements }] of entries)
      for (const placed of movements) rows.add(id, placed.movement, placeOf(placed));
    await this.insert(client, 'insert', this.tables.movements, rows);
  }

  private async insert(
    client: PoolClient,
    verb: string,
    table: string,
    rows: Rows,
    onConflict = '',
  ): Promise<void> {
    if (rows.count === 0) return;
    await client.query({
      name: `${verb} ${table}`,
      text: `insert into ${table} (${rows.names}) select ${rows.selection} from ${rows.source} as r (${rows.names}) ${onConflict}`,
      values: rows.parameters(),
    });
  }
}
