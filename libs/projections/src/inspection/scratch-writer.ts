import type { PoolClient } from 'pg';
import type { Placed } from '../moment';
import { OWN_COLUMNS, historyOf, placeOf } from '../own-columns';
import { tablesOf } from '../read-model';
import { Rows, fieldColumns } from '../row-codec';
import type { KeyVersions } from '../versions';

/** Puts whole keys into tables that hold nothing of them yet. */
export async function writeKeys(
  client: PoolClient,
  { model, generation }: Placed,
  keys: ReadonlyMap<string, KeyVersions>,
): Promise<void> {
  const tables = tablesOf(generation);
  const current = new Rows(fieldColumns(model.columns), OWN_COLUMNS.current);
  const history = new Rows(fieldColumns(model.columns), OWN_COLUMNS.history);
  const movements = new Rows(fieldColumns(model.movements?.columns ?? {}), OWN_COLUMNS.movements);
  for (const [key, versions] of keys) {
    const { current: now, lastAt } = versions;
    if (now) current.add(key, now.row, [now.validFrom, now.openedPos, lastAt]);
    for (const version of versions.closed) history.add(key, version.row, historyOf(version));
    for (const moved of versions.movements) movements.add(key, moved.movement, placeOf(moved));
  }
  await insert(client, tables.current, current);
  await insert(client, tables.history, history);
  if (model.movements) await insert(client, tables.movements, movements);
}

async function insert(client: PoolClient, table: string, rows: Rows): Promise<void> {
  if (rows.count === 0) return;
  await client.query(
    `insert into ${table} (${rows.names}) select ${rows.selection} from ${rows.source} as r (${rows.names})`,
    rows.parameters(),
  );
}
