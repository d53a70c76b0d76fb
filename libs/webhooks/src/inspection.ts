import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Instant } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import type { ContractBook } from '@guanxi/publishing';
import type { Pool } from 'pg';
import { Wanted } from './delivery/wanted';
import type { RegisteredWebhook, WebhookBook } from './webhook-book';

/** How the deliveries of a webhook stand. */
export interface WebhookState {
  readonly webhook: string;
  readonly status: 'enabled' | 'disabled';
  /** Why it is disabled. */
  readonly reason?: string;
  /** How far the log is done with, as decimal text. */
  readonly position: string;
  /**
   * Events that it has not got: those of the log behind its place, and those before it that wait with their keys. On
   * KurrentDB the distance from the first of them to the end of the log.
   */
  readonly lag: string;
  /** Age of the first of them; 0 when there is none. */
  readonly lagSeconds: number;
  /** Keys that wait after a failure, and since when the longest has been failing. */
  readonly waitingKeys: number;
  readonly failingSeconds: number;
}

/** A delivery as it is listed. */
export interface ListedDelivery {
  readonly id: string;
  readonly messageId: string;
  readonly type: string;
  readonly topic: string;
  readonly key: string;
  readonly position: string;
  readonly status: 'waiting' | 'delivered' | 'superseded';
  readonly attempts: number;
  /** Status of the last answer. */
  readonly answer?: number;
  readonly error?: string;
  readonly milliseconds?: number;
  readonly firstAt: Instant;
  readonly triedAt?: Instant;
  readonly nextAt?: Instant;
}

/** Which deliveries are listed: the newest first, behind `before` where a page ended. */
export interface DeliveryFilter {
  readonly status?: ListedDelivery['status'];
  readonly limit: number;
  readonly cursor?: string;
}

/** What of some streams is counted: events of these types, as far as a position of the log. */
export interface CountedSpans {
  /** Each from a revision on. */
  readonly streams: readonly { readonly stream: string; readonly from: number }[];
  readonly types: readonly string[];
  readonly upTo: bigint;
}

/** What webhooks are looked at with. */
export interface InspectionParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly contracts: ContractBook;
  /** Undefined where positions of the store do not count its events. */
  readonly countEvents: ((spans: CountedSpans) => Promise<number>) | undefined;
}

/** The first message of a key that waits. */
interface WaitingHead {
  readonly key: string;
  readonly revision: number;
  readonly position: string;
}

interface StateRow {
  readonly webhook: string;
  readonly position: string | null;
  /** In the order of their positions. */
  readonly heads: readonly WaitingHead[];
  readonly failing: number;
}

/** How all webhooks stand that are not removed. */
export async function webhookStates(
  parts: InspectionParts & { readonly book: WebhookBook },
  clock: () => number,
): Promise<readonly WebhookState[]> {
  const { pool, store, book } = parts;
  const known = (await book.all()).filter(({ webhook }) => webhook.status !== 'removed');
  if (known.length === 0) return [];
  const { rows } = await pool.query<StateRow>(STATES, [known.map(({ id }) => id)]);
  const places = new Map(rows.map((row) => [row.webhook, row]));
  const { position: head } = await store.head();
  const states: WebhookState[] = [];
  for (const registered of known) {
    const row = places.get(registered.id);
    const position = BigInt(row?.position ?? registered.registeredAt);
    const heads = row?.heads ?? [];
    const lag = await lagOf(parts, registered, { head, position, heads });
    const since = lag > 0n ? await firstRecorded(store, position, heads) : undefined;
    const behind = since === undefined ? 0 : Math.max(0, (clock() - since) / 1_000);
    states.push(stateOf(registered, { position, lag, behind }, row));
  }
  return states;
}

function stateOf(
  { id, webhook: { status, reason } }: RegisteredWebhook,
  { position, lag, behind }: { readonly position: bigint; readonly lag: bigint; readonly behind: number },
  row: StateRow | undefined,
): WebhookState {
  const failingSeconds = row?.failing ?? 0;
  return {
    webhook: id,
    status: status === 'enabled' ? 'enabled' : 'disabled',
    ...(reason !== undefined && { reason }),
    position: String(position),
    lag: String(lag),
    lagSeconds: Math.max(behind, failingSeconds),
    waitingKeys: row?.heads.length ?? 0,
    failingSeconds,
  };
}

interface Standing {
  readonly head: bigint;
  readonly position: bigint;
  readonly heads: readonly WaitingHead[];
}

async function lagOf(
  { countEvents, registry, contracts }: InspectionParts,
  { webhook }: RegisteredWebhook,
  { head, position, heads }: Standing,
): Promise<bigint> {
  const [first] = heads;
  if (!countEvents) {
    const from = first && BigInt(first.position) < position ? BigInt(first.position) : position;
    return head > from ? head - from : 0n;
  }
  const behind = head > position ? head - position : 0n;
  if (!first) return behind;
  const { types } = new Wanted(contracts, registry, webhook.subscription);
  const streams = heads.map(({ key, revision }) => ({ stream: key, from: revision }));
  return behind + BigInt(await countEvents({ streams, types, upTo: position }));
}

/** When the first event was recorded that is not looked at or not through; milliseconds since 1970. */
async function firstRecorded(
  store: EventStore,
  after: bigint,
  heads: readonly WaitingHead[],
): Promise<number | undefined> {
  const [first] = heads;
  if (first && BigInt(first.position) <= after) {
    const [event] = await store.readStream(first.key, { from: first.revision, limit: 1 });
    if (event) return Date.parse(event.recordedAt);
  }
  for await (const [event] of store.readAll({ after, pageSize: 1 }))
    if (event) return Date.parse(event.recordedAt);
  return undefined;
}

const STATES = `
  select w.webhook, p.position::text as position, d.heads, d.failing
    from unnest($1::uuid[]) as w (webhook)
    left join ops.webhook_places p on p.webhook = w.webhook
   cross join lateral (
     select coalesce(jsonb_agg(jsonb_build_object('key', key, 'revision', revision, 'position', position::text)
                               order by position), '[]') as heads,
            coalesce(extract(epoch from clock_timestamp() - min(first_at)), 0)::float8 as failing
       from ops.webhook_deliveries d where d.webhook = w.webhook and d.status = 'waiting') d`;

interface DeliveryRow extends Omit<
  ListedDelivery,
  'answer' | 'error' | 'milliseconds' | 'firstAt' | 'triedAt' | 'nextAt'
> {
  readonly number: string;
  readonly answer: number | null;
  readonly error: string | null;
  readonly milliseconds: number | null;
  readonly firstAt: Date;
  readonly triedAt: Date | null;
  readonly nextAt: Date | null;
}

/** One page of the deliveries of a webhook, the newest first. @param filter.cursor `nextCursor` of the page before */
export async function listDeliveries(
  pool: Pool,
  webhook: string,
  { status, limit, cursor }: DeliveryFilter,
): Promise<{ readonly items: readonly ListedDelivery[]; readonly nextCursor: string | null }> {
  const { rows } = await pool.query<DeliveryRow>(
    `select number::text, id, message as "messageId", type, topic, key, position::text as position, status, attempts,
            answer, error, milliseconds, first_at as "firstAt", tried_at as "triedAt", next_at as "nextAt"
       from ops.webhook_deliveries
      where webhook = $1 and ($2::text is null or status = $2) and ($3::bigint is null or number < $3)
      order by number desc limit $4`,
    [webhook, status ?? null, cursor ?? null, limit + 1],
  );
  const items = rows.slice(0, limit).map(listed);
  return { items, nextCursor: rows.length > limit ? (rows[limit - 1]?.number ?? null) : null };
}

function listed({
  number: _number,
  answer,
  error,
  milliseconds,
  firstAt,
  triedAt,
  nextAt,
  ...row
}: DeliveryRow): ListedDelivery {
  return {
    ...row,
    ...(answer !== null && { answer }),
    ...(error !== null && { error }),
    ...(milliseconds !== null && { milliseconds }),
    firstAt: instantOf(firstAt),
    ...(triedAt && { triedAt: instantOf(triedAt) }),
    ...(nextAt && row.status === 'waiting' && { nextAt: instantOf(nextAt) }),
  };
}
