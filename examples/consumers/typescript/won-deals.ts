import type { CloudEvent } from '@guanxi/publishing';
import type { Static, TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { Pool, PoolClient } from 'pg';

/** What this consumer reads of the contracts, and no more: fields that are added later do not concern it. */
const Id = Type.String({ minLength: 1 });
const Money = Type.Object({ amount: Type.Integer(), currency: Type.String({ minLength: 3, maxLength: 3 }) });
const Opened = Type.Object({ value: Money, customerId: Type.Optional(Id) });
const Won = Type.Object({ value: Money, customerId: Type.Optional(Id) });
const Revised = Type.Object({ value: Type.Optional(Money), customerId: Type.Optional(Id) });

/** What an event changes of what is known of a deal; absent fields stay as they are. */
interface Change {
  readonly value?: Static<typeof Money>;
  readonly customerId?: string;
  readonly won?: boolean;
}

/** The tables: what is known of each deal, and what is asked for: won deals by customer and currency. */
export async function makeTables(pool: Pool): Promise<void> {
  await pool.query(`
    create table if not exists deal (
      id text primary key,
      customer_id text not null default 'unknown',
      currency text not null default '',
      amount bigint not null default 0,
      won boolean not null default false
    );
    create table if not exists won_by_customer (
      customer_id text not null,
      currency text not null,
      deals integer not null,
      amount bigint not null,
      primary key (customer_id, currency)
    );
  `);
}

/** Keeps both tables. It adds and takes away, so that an event that came twice would be seen in the sums. */
export async function keepWonDeals(event: CloudEvent, client: PoolClient): Promise<void> {
  const change = changeOf(event);
  if (!change) return;
  const { value, customerId, won } = change;
  await count(client, event.subject, -1);
  await client.query(`insert into deal (id) values ($1) on conflict (id) do nothing`, [event.subject]);
  await client.query(
    `update deal set
       customer_id = coalesce($2, customer_id),
       currency = coalesce($3, currency),
       amount = coalesce($4, amount),
       won = coalesce($5, won)
     where id = $1`,
    [event.subject, customerId, value?.currency, value?.amount, won],
  );
  await count(client, event.subject, 1);
}

/** Counts a deal among those that its customer has given us, if it is won; or counts it out. */
async function count(client: PoolClient, deal: string, sign: 1 | -1): Promise<void> {
  await client.query(
    `insert into won_by_customer as sums (customer_id, currency, deals, amount)
     select customer_id, currency, $2::integer, $2::integer * amount from deal where id = $1 and won
     on conflict (customer_id, currency)
     do update set deals = sums.deals + excluded.deals, amount = sums.amount + excluded.amount`,
    [deal, sign],
  );
}

/** Undefined for events that change nothing here, and for those that are not known yet: new ones may come at any time. */
function changeOf(event: CloudEvent): Change | undefined {
  switch (event.type) {
    case 'guanxi.deal-opened.v1':
      return read(Opened, event);
    case 'guanxi.deal-won.v1':
      return { ...read(Won, event), won: true };
    case 'guanxi.deal-reopened.v1':
      return { won: false };
    case 'guanxi.deal-revised.v1':
    case 'guanxi.deal-corrected.v1':
      return read(Revised, event);
    default:
      return undefined;
  }
}

function read<S extends TSchema>(schema: S, { type, data }: CloudEvent): Static<S> {
  if (Value.Check(schema, data)) return data;
  const first = Value.Errors(schema, data).First();
  throw new Error(`${type}: ${first?.path ?? ''} ${first?.message ?? 'is not as its contract says'}`);
}
