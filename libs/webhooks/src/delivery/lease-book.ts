import { randomUUID } from 'node:crypto';
import type { Pool } from 'pg';
import type { DeliveryPolicy } from './policy';

/** The right to deliver for a webhook; a later one has a higher token, and what is written under an older one is refused. */
export interface WebhookLease {
  readonly webhook: string;
  readonly token: string;
}

/** Somebody else delivers for this webhook now. */
export class LeaseLost extends Error {
  override readonly name = 'LeaseLost';

  constructor(webhook: string) {
    super(`webhook ${webhook} is delivered for by another worker now`);
  }
}

/** A webhook that is to be delivered for, and where it begins. */
export interface Active {
  readonly id: string;
  readonly registeredAt: bigint;
  readonly enabledAtRevision: number;
}

/** Shares the webhooks among workers by the database's clock; who is not heard of loses its own. */
export class WebhookLeases {
  private readonly worker = randomUUID();

  constructor(
    private readonly pool: Pool,
    private readonly policy: Pick<DeliveryPolicy, 'lease'>,
  ) {}

  /** Shows that this worker lives, keeps what it holds, takes what nobody holds and gives back what exceeds its share. */
  async beat(active: readonly Active[]): Promise<readonly WebhookLease[]> {
    const ids = active.map(({ id }) => id);
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      await client.query(
        `insert into ops.webhook_workers (id, last_seen) values ($1, clock_timestamp())
         on conflict (id) do update set last_seen = excluded.last_seen`,
        [this.worker],
      );
      await client.query(
        `insert into ops.webhook_places (webhook, position, enabled)
         select * from unnest($1::uuid[], $2::bigint[], $3::integer[]) on conflict (webhook) do nothing`,
        [
          ids,
          active.map(({ registeredAt }) => String(registeredAt)),
          active.map(({ enabledAtRevision }) => enabledAtRevision),
        ],
      );
      const { rows: held } = await client.query<WebhookLease>(BEAT, [this.worker, ids, this.policy.lease]);
      await client.query('commit');
      return held;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }

  /** Gives everything back. */
  async leave(): Promise<void> {
    await this.pool.query('delete from ops.webhook_workers where id = $1', [this.worker]);
    await this.pool.query(
      `update ops.webhook_places set holder = null, token = token + 1, until = '-infinity' where holder = $1`,
      [this.worker],
    );
  }
}

const BEAT = `
  with gone as (
    delete from ops.webhook_workers
     where id in (select id from ops.webhook_workers
                   where id <> $1 and last_seen < clock_timestamp() - $3::integer * interval '1 ms'
                   for update skip locked)
  ), living as (
    select greatest(1, count(*)) as number from ops.webhook_workers
     where last_seen >= clock_timestamp() - $3::integer * interval '1 ms'
  ), share as (
    select ceil(cardinality($2::uuid[])::numeric / number)::integer as most from living
  ), own as (
    select webhook, true as own from ops.webhook_places
     where holder = $1 and webhook = any ($2::uuid[])
     order by webhook limit (select most from share) for update
  ), taken as (
    select webhook, false as own from ops.webhook_places
     where holder is distinct from $1 and until < clock_timestamp() and webhook = any ($2::uuid[])
     order by webhook limit greatest(0, (select most from share) - (select count(*) from own))
     for update skip locked
  ), wanted as (
    select * from own union all select * from taken
  ), given_back as (
    update ops.webhook_places set holder = null, token = token + 1, until = '-infinity'
     where holder = $1 and webhook not in (select webhook from wanted)
  )
  update ops.webhook_places p
     set holder = $1, until = clock_timestamp() + $3::integer * interval '1 ms',
         token = case when wanted.own then p.token else p.token + 1 end
    from wanted where p.webhook = wanted.webhook
  returning p.webhook, p.token::text as token`;
