import type { PoolClient } from 'pg';
import { NEVER } from './ddl';
import type { AnyReadModel } from './read-model';
import { tablesOf } from './read-model';
import type { FieldColumns } from './row-codec';
import { currentOf, fieldColumns, readTypes, recordSet, toRecord } from './row-codec';
import type { PlacedMovement, Version } from './versions';
import { KeyVersions } from './versions';

/** Reads and writes one read model's tables; every statement takes its rows as one JSON parameter. */
export class ModelWriter {
  private readonly tables;
  private readonly fields: FieldColumns;
  private readonly movementFields: FieldColumns;
  private readonly currentSet;
  private readonly historySet;
  private readonly movementSet;

  constructor(readonly model: AnyReadModel) {
    this.tables = tablesOf(model);
    this.fields = fieldColumns(model.columns);
    this.movementFields = fieldColumns(model.movements?.columns ?? {});
    this.currentSet = recordSet(model.columns, {
      valid_from: 'timestamptz',
      opened_pos: 'bigint',
      last_at: 'timestamptz',
    });
    this.historySet = recordSet(model.columns, {
      valid_from: 'timestamptz',
      valid_to: 'timestamptz',
      opened_pos: 'bigint',
      closed_pos: 'bigint',
      superseded_pos: 'bigint',
    });
    this.movementSet = recordSet(model.movements?.columns ?? {}, {
      effective_at: 'timestamptz',
      known_pos: 'bigint',
      superseded_pos: 'bigint',
    });
  }

  /** The current versions of keys, ready to take further events; a key without a row starts empty. */
  async load(client: PoolClient, keys: readonly string[]): Promise<Map<string, KeyVersions>> {
    const loaded = new Map(keys.map((key) => [key, new KeyVersions(this.model, key)]));
    const { rows } = await client.query<unknown[]>({
      name: `load ${this.tables.current}`,
      text: `select ${this.currentSet.names.join(', ')} from ${this.tables.current} where id = any($1::uuid[])`,
      values: [keys],
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

  /** Notes which streams speak about which keys. */
  async noteStreams(client: PoolClient, pairs: ReadonlyMap<string, ReadonlySet<string>>): Promise<void> {
    const records = [...pairs].flatMap(([id, streams]) => [...streams].map((stream) => ({ id, stream })));
    await client.query(
      `insert into ${this.tables.streams} (id, stream)
       select id, stream from json_to_recordset($1) as r (id uuid, stream text) on conflict do nothing`,
      [JSON.stringify(records)],
    );
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
    const records = entries.flatMap(([id, { current, currentChanged, lastAt }]) =>
      current && currentChanged && lastAt
        ? [
            {
              id,
              ...toRecord(this.fields, current.row),
              valid_from: current.validFrom,
              opened_pos: String(current.openedPos),
              last_at: lastAt,
            },
          ]
        : [],
    );
    const seen = entries.filter(([, { current, currentChanged }]) => current && !currentChanged);
    if (seen.length > 0) {
      await client.query({
        name: `see ${this.tables.current}`,
        text: `update ${this.tables.current} c set last_at = seen.last_at
                 from unnest($1::uuid[], $2::timestamptz[]) as seen (id, last_at)
                where c.id = seen.id and c.last_at < seen.last_at`,
        values: [seen.map(([id]) => id), seen.map(([, { lastAt }]) => lastAt)],
      });
    }
    if (records.length === 0) return;
    const { names, definition } = this.currentSet;
    await client.query({
      name: `put ${this.tables.current}`,
      text: `insert into ${this.tables.current} (${names.join(', ')})
             select ${names.join(', ')} from json_to_recordset($1) as r (${definition})
             on conflict (id) do update set ${names
               .slice(1)
               .map((name) => `${name} = excluded.${name}`)
               .join(', ')}`,
      values: [JSON.stringify(records)],
    });
  }

  private async insertHistory(client: PoolClient, entries: readonly [string, KeyVersions][]): Promise<void> {
    const records = entries.flatMap(([id, { closed }]) =>
      closed.map((version) => this.historyRecord(id, version)),
    );
    await this.insert(client, this.tables.history, this.historySet, records);
  }

  private async insertMovements(
    client: PoolClient,
    entries: readonly [string, KeyVersions][],
  ): Promise<void> {
    const records = entries.flatMap(([id, { movements }]) =>
      movements.map((placed) => this.movementRecord(id, placed)),
    );
    await this.insert(client, this.tables.movements, this.movementSet, records);
  }

  private async insert(
    client: PoolClient,
    table: string,
    { names, definition }: { names: readonly string[]; definition: string },
    records: readonly object[],
  ): Promise<void> {
    if (records.length === 0) return;
    await client.query({
      name: `insert ${table}`,
      text: `insert into ${table} (${names.join(', ')})
             select ${names.join(', ')} from json_to_recordset($1) as r (${definition})`,
      values: [JSON.stringify(records)],
    });
  }

  private historyRecord(id: string, version: Version): object {
    return {
      id,
      ...toRecord(this.fields, version.row),
      valid_from: version.validFrom,
      valid_to: version.validTo ?? 'infinity',
      opened_pos: String(version.openedPos),
      closed_pos: String(version.closedPos ?? NEVER),
      superseded_pos: String(version.supersededPos ?? NEVER),
    };
  }

  private movementRecord(
    id: string,
    { movement, effectiveAt, knownPos, supersededPos }: PlacedMovement,
  ): object {
    return {
      id,
      ...toRecord(this.movementFields, movement),
      effective_at: effectiveAt,
      known_pos: String(knownPos),
      superseded_pos: String(supersededPos ?? NEVER),
    };
  }
}
