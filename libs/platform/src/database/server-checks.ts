import type { Client } from 'pg';
import { DatabaseError } from './database-error';
import type { UnsafeSetting } from './unsafe-settings';
import { UNSAFE_SETTINGS } from './unsafe-settings';

const OLDEST_VERSION = 15;

/** @throws DatabaseError `database.too-old`, `database.read-only` */
export async function refuseUnfit(client: Client): Promise<void> {
  const { rows } = await client.query<{
    number: string;
    text: string;
    recovering: boolean;
    readOnly: string;
  }>(
    `select current_setting('server_version_num') as number, current_setting('server_version') as text,
            pg_is_in_recovery() as recovering, current_setting('transaction_read_only') as "readOnly"`,
  );
  const [row] = rows;
  if (!row || Number(row.number) < OLDEST_VERSION * 10_000) {
    throw new DatabaseError(
      'database.too-old',
      `PostgreSQL ${OLDEST_VERSION} or newer is needed; this is ${row?.text ?? 'unknown'}`,
    );
  }
  if (row.recovering) {
    throw new DatabaseError(
      'database.read-only',
      'this PostgreSQL is a standby, or still recovers, and takes no writes: name the primary in DATABASE_URL',
    );
  }
  if (row.readOnly === 'on') {
    throw new DatabaseError(
      'database.read-only',
      'this database takes no writes: set default_transaction_read_only off for it, or for its role',
    );
  }
}

/**
 * Refuses a server that acknowledges what it may lose, except for the settings that were accepted by name.
 * @throws DatabaseError `database.unsafe`
 */
export async function refuseUnsafe(client: Client, accepted: readonly UnsafeSetting[]): Promise<void> {
  const names = Object.keys(UNSAFE_SETTINGS);
  const { rows } = await client.query<{ name: string }>(
    `select name from unnest($1::text[]) as name where current_setting(name) = 'off' order by name`,
    [names],
  );
  const off = rows.map(({ name }) => name);
  const refused = Object.entries(UNSAFE_SETTINGS).filter(
    ([name]) => off.includes(name) && !accepted.some((each) => each === name),
  );
  if (refused.length === 0) return;
  const all = names.filter((name) => off.includes(name));
  throw new DatabaseError(
    'database.unsafe',
    [
      ...refused.map(([name, stake]) => `PostgreSQL runs with ${name} off: ${stake}.`),
      `Switch ${refused.length === 1 ? 'it' : 'them'} on, or accept that loss by name: GUANXI_ACCEPT_UNSAFE=${all.join(',')}`,
    ].join('\n'),
  );
}
