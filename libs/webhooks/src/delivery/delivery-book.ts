import type { Pool, PoolClient } from 'pg';
import { derivedId } from '@guanxi/event-store';
import type { AskedReplay, ReplayFrom } from '../domain/webhook';
import type { RegisteredWebhook } from '../webhook-book';
import type { WebhookLease } from './lease-book';
import { LeaseLost } from './lease-book';
import type { Outgoing } from './wanted';

/** What is noted of a try. */
export interface Tried {
  readonly answer?: number;
  readonly error?: string;
  readonly milliseconds?: number;
}

/** The first message of a key that is not through; all later ones of the key wait behind it. */
export interface Waiting {
  readonly id: string;
  readonly key: string;
  readonly revision: number;
  readonly part: number;
  readonly position: bigint;
  readonly attempts: number;
  /** Since when it has been failing; milliseconds since 1970, by the database's clock. */
  readonly firstAt: number;
  /** Milliseconds until it is due; not above 0 when it is. */
  readonly dueIn: number;
}

/** A waiting key that is due by what is written, as when somebody asked for it. */
export interface DueKey {
  readonly webhook: string;
  readonly key: string;
  readonly attempts: number;
}

const MOST_DUE = 1_000;

/** Waiting keys of some webhooks that are due. */
export async function dueKeys(pool: Pool, webhooks: readonly string[]): Promise<readonly DueKey[]> {
  if (webhooks.length === 0) return [];
  const { rows } = await pool.query<DueKey>(
    `select webhook, key, attempts from ops.webhook_deliveries
      where webhook = any ($1::uuid[]) and status = 'waiting' and next_at <= clock_timestamp()
      order by next_at limit $2`,
    [webhooks, MOST_DUE],
  );
  return rows;
}

/** Something to be written down. */
export type Note =
  | {
      readonly kind: 'delivered';
      readonly message: Outgoing;
      readonly attempts: number;
      readonly tried: Tried;
    }
  | {
      readonly kind: 'waits';
      readonly message: Outgoing;
      readonly attempts: number;
      readonly wait: number;
      readonly tried: Tried;
    }
  /** It waited and is not wanted any more. */
  | { readonly kind: 'superseded'; readonly message: Pick<Outgoing, 'id'> };

/** Where a webhook stands when a worker begins with it. */
export interface Standing {
  readonly position: bigint;
  readonly run: number;
  readonly waiting: readonly Waiting[];
  /** Messages behind the position that are through all the same. */
  readonly through: ReadonlySet<string>;
}

/** A webhook's place and deliveries in the database; written only while the lease holds. */
export class DeliveryBook {
  private run = 0;

  constructor(
    private readonly pool: Pool,
    private readonly lease: WebhookLease,
  ) {}

  /**
   * Takes in what was asked for since it was last worked on, and reads where it stands.
   * @param placeOf the place behind which a replay tells
   * @throws LeaseLost
   */
  async begin(
    { webhook }: RegisteredWebhook,
    placeOf: (from: ReplayFrom) => Promise<bigint>,
  ): Promise<Standing> {
    const asked = await this.askedReplay(webhook.replays, placeOf);
    return this.transaction(async (client) => {
      const place = await this.hold(client);
      if (webhook.enabledAtRevision > place.enabled) await this.resume(client, webhook.enabledAtRevision);
      if (asked && asked.revision > place.replayed) await this.replay(client, asked.after, asked.revision);
      return this.standing(client);
    });
  }

  /** Writes what became of messages, in their order, and how far the log is done with. @throws LeaseLost */
  async write(notes: readonly Note[], position: bigint): Promise<void> {
    await this.transaction(async (client) => {
      const { rowCount } = await client.query(
        `update ops.webhook_places set position = greatest(position, $3), moved_at = clock_timestamp()
          where webhook = $1 and token = $2 and until > clock_timestamp()`,
        [this.lease.webhook, this.lease.token, String(position)],
      );
      if (rowCount !== 1) throw new LeaseLost(this.lease.webhook);
      if (notes.length > 0) await this.writeNotes(client, notes);
    });
  }

  private async writeNotes(client: PoolClient, notes: readonly Note[]): Promise<void> {
    const { webhook } = this.lease;
    // Of several notes on one message the last one holds; a key's former head goes before the next one comes.
    const last = new Map(notes.map((note) => [note.message.id, note]));
    const superseded = [...last.values()].filter(({ kind }) => kind === 'superseded');
    if (superseded.length > 0) {
      await client.query(
        `update ops.webhook_deliveries set status = 'superseded'
          where webhook = $1 and run = $2 and message = any ($3::text[]) and status = 'waiting'`,
        [webhook, this.run, superseded.map(({ message }) => message.id)],
      );
    }
    for (const kind of ['delivered', 'waits'] as const) {
      const own = [...last.values()].flatMap((note) => (note.kind === kind ? [note] : []));
      if (own.length === 0) continue;
      await client.query(UPSERT, [
        webhook,
        this.run,
        kind === 'delivered' ? 'delivered' : 'waiting',
        own.map(({ message }) => derivedId('webhook delivery', webhook, String(this.run), message.id)),
        ...(['id', 'type', 'topic', 'key', 'revision', 'part'] as const).map((field) =>
          own.map(({ message }) => message[field]),
        ),
        own.map(({ message }) => String(message.position)),
        own.map(({ attempts }) => attempts),
        own.map(({ tried }) => tried.answer ?? null),
        own.map(({ tried }) => tried.error ?? null),
        own.map(({ tried }) => tried.milliseconds ?? null),
        own.map((note) => (note.kind === 'waits' ? note.wait : null)),
      ]);
    }
  }

  /** All replays that were not taken up yet in one: the one that goes back furthest tells what the others would. */
  private async askedReplay(
    replays: readonly AskedReplay[],
    placeOf: (from: ReplayFrom) => Promise<bigint>,
  ): Promise<{ readonly revision: number; readonly after: bigint } | undefined> {
    const { rows } = await this.pool.query<{ replayed: number }>(
      'select replayed from ops.webhook_places where webhook = $1',
      [this.lease.webhook],
    );
    const replayed = rows[0]?.replayed ?? -1;
    const asked = replays.filter(({ revision }) => revision > replayed);
    const last = asked.at(-1);
    if (!last) return undefined;
    const places = await Promise.all(asked.map(({ from }) => placeOf(from)));
    return {
      revision: last.revision,
      after: places.reduce((least, place) => (place < least ? place : least)),
    };
  }

  private async hold(client: PoolClient): Promise<{ readonly enabled: number; readonly replayed: number }> {
    const { rows } = await client.query<{ enabled: number; replayed: number }>(
      `select enabled, replayed from ops.webhook_places
        where webhook = $1 and token = $2 and until > clock_timestamp() for update`,
      [this.lease.webhook, this.lease.token],
    );
    const [place] = rows;
    if (!place) throw new LeaseLost(this.lease.webhook);
    return place;
  }

  private async resume(client: PoolClient, revision: number): Promise<void> {
    const { webhook } = this.lease;
    await client.query('update ops.webhook_places set enabled = $2 where webhook = $1', [webhook, revision]);
    await client.query(
      `update ops.webhook_deliveries set attempts = 0, first_at = clock_timestamp(), next_at = clock_timestamp()
        where webhook = $1 and status = 'waiting'`,
      [webhook],
    );
  }

  /** What waits behind the place of the replay comes again with the log; what waits before it goes on waiting. */
  private async replay(client: PoolClient, after: bigint, revision: number): Promise<void> {
    const { webhook } = this.lease;
    await client.query(
      `update ops.webhook_places set replayed = $2, run = run + 1, position = least(position, $3) where webhook = $1`,
      [webhook, revision, String(after)],
    );
    await client.query(
      `update ops.webhook_deliveries
          set status = case when position > $2 then 'superseded' else status end,
              run = case when position > $2 then run else run + 1 end
        where webhook = $1 and status = 'waiting'`,
      [webhook, String(after)],
    );
  }

  private async standing(client: PoolClient): Promise<Standing> {
    const { webhook } = this.lease;
    const { rows: places } = await client.query<{ position: string; run: number }>(
      'select position::text, run from ops.webhook_places where webhook = $1',
      [webhook],
    );
    const { position = '0', run = 0 } = places[0] ?? {};
    this.run = run;
    const { rows: waiting } = await client.query<Omit<Waiting, 'position'> & { readonly position: string }>(
      `select message as id, key, revision, part, position::text, attempts,
              extract(epoch from first_at)::float8 * 1000 as "firstAt",
              extract(epoch from next_at - clock_timestamp())::float8 * 1000 as "dueIn"
         from ops.webhook_deliveries where webhook = $1 and status = 'waiting'`,
      [webhook],
    );
    const { rows: through } = await client.query<{ message: string }>(
      `select message from ops.webhook_deliveries
        where webhook = $1 and run = $2 and position > $3 and status = 'delivered'`,
      [webhook, run, position],
    );
    return {
      position: BigInt(position),
      run,
      waiting: waiting.map((row) => ({ ...row, position: BigInt(row.position) })),
      through: new Set(through.map(({ message }) => message)),
    };
  }

  private async transaction<T>(work: (client: PoolClient) => Promise<T>): Promise<T> {
    const client = await this.pool.connect();
    try {
      await client.query('begin');
      const done = await work(client);
      await client.query('commit');
      return done;
    } catch (error) {
      await client.query('rollback').catch(() => undefined);
      throw error;
    } finally {
      client.release();
    }
  }
}

const UPSERT = `
  insert into ops.webhook_deliveries as d
         (webhook, run, status, id, message, type, topic, key, revision, part, position, attempts, answer, error,
          milliseconds, tried_at, next_at)
  select $1, $2, $3, id, message, type, topic, key, revision, part, position, attempts, answer, error, milliseconds,
         case when attempts > 0 then clock_timestamp() end, clock_timestamp() + wait * interval '1 ms'
    from unnest($4::uuid[], $5::text[], $6::text[], $7::text[], $8::text[], $9::integer[], $10::integer[],
                $11::bigint[], $12::integer[], $13::integer[], $14::text[], $15::integer[], $16::bigint[])
         with ordinality as n (id, message, type, topic, key, revision, part, position, attempts, answer, error,
                               milliseconds, wait, place)
   order by place
  on conflict (webhook, run, message) do update
     set status = excluded.status, attempts = excluded.attempts, answer = excluded.answer, error = excluded.error,
         milliseconds = excluded.milliseconds, tried_at = coalesce(excluded.tried_at, d.tried_at),
         next_at = excluded.next_at`;
