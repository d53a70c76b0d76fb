import { customers } from '@guanxi/customers';
import type { EventStore } from '@guanxi/event-store';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { isUuid } from '@guanxi/kernel';
import type { Asked, Queries, Snapshot, SpeaksFor } from '@guanxi/projections';
import { CommaList } from '@guanxi/querying';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsOptional, IsString, Length, Matches, Max, Min } from 'class-validator';

export class EventParameters {
  /** Only events behind this position: the `nextCursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,18}$/, { message: 'must be a position: a whole number' })
  readonly after?: string;

  /** Name of a stream, such as `deal-<id>`. */
  @IsOptional() @IsString() @Length(1, 200) readonly stream?: string;

  /** One or several event types. */
  @IsOptional()
  @CommaList()
  @ArrayMaxSize(100)
  @Length(1, 200, { each: true })
  readonly type?: string[];

  /** Id or external reference of a customer: events of all streams that speak of it. */
  @IsOptional() @IsString() @Length(1, 200) readonly customer?: string;

  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(10_000)
  readonly limit: number = 100;
}

/** An event as it is stored. */
export type EventItem = Omit<RecordedEvent, 'position'> & { readonly position: string };

export interface EventPage {
  readonly items: readonly EventItem[];
  /** Position of the last event shown; null where no more events are known. */
  readonly nextCursor: string | null;
}

/** Which events count: known up to a position, and true at a moment. */
interface Horizon {
  readonly known: bigint;
  readonly asOf: Instant | null;
}

/**
 * One page of stored events in the order of their positions.
 * Without `customer` it is read from the log itself and needs no read model.
 */
export function listEvents(
  queries: Queries,
  store: EventStore,
  asked: Asked,
  parameters: EventParameters,
): Promise<SpeaksFor & EventPage> {
  const { customer, stream } = parameters;
  if (customer !== undefined) {
    return queries.answer([customers], asked, async (snapshot) => {
      const horizon = { known: knownTo(snapshot), asOf: snapshot.moment.asOf };
      const ids = await customerIdsOf(snapshot, customer);
      const spoken = await streamsOf(snapshot, ids);
      const streams = stream === undefined ? spoken : spoken.filter((name) => name === stream);
      const speaks = (event: RecordedEvent): boolean => {
        const spokenOf = customers.keyOf(event);
        return spokenOf !== undefined && ids.includes(spokenOf) && happenedWithin(event, horizon);
      };
      const read = (await ofStreams(store, streams)).filter((events) => events.some(speaks));
      return page(inOrder(read, horizon, parameters), parameters);
    });
  }
  const { minPosition: _, ...moments } = asked;
  return queries.answer([], moments, async ({ moment: { asOf } }) => {
    const { asKnownAt } = asked;
    const known = asKnownAt === undefined ? (await store.head()).position : await store.positionAt(asKnownAt);
    const events =
      stream === undefined
        ? await ofLog(store, { known, asOf }, parameters)
        : inOrder(await ofStreams(store, [stream]), { known, asOf }, parameters);
    return { position: String(known), ...page(events, parameters) };
  });
}

/** The position up to which the read models of the snapshot are complete. */
function knownTo(snapshot: Snapshot): bigint {
  if (snapshot.moment.known !== null) return snapshot.moment.known;
  return snapshot.reached(customers);
}

async function customerIdsOf(snapshot: Snapshot, customer: string): Promise<readonly string[]> {
  const named = await snapshot.rows<{ readonly id: string }>(
    `select c.id::text as id from ${snapshot.of(customers)} c where c.external_ref = $1`,
    [customer],
  );
  return [customer.toLowerCase(), ...named.map(({ id }) => id)];
}

/** Names of the streams that speak of customers by these ids. */
async function streamsOf(snapshot: Snapshot, ids: readonly string[]): Promise<readonly string[]> {
  const rows = await snapshot.rows<{ readonly stream: string }>(
    `select distinct s.stream from ${snapshot.streamsOf(customers)} s where s.id = any($1::uuid[])`,
    [ids.filter(isUuid)],
  );
  return rows.map(({ stream }) => stream);
}

const STREAMS_AT_ONCE = 16;

/** Events of some streams, stream by stream. */
async function ofStreams(
  store: EventStore,
  streams: readonly string[],
): Promise<readonly (readonly RecordedEvent[])[]> {
  const found: (readonly RecordedEvent[])[] = [];
  for (let from = 0; from < streams.length; from += STREAMS_AT_ONCE) {
    const some = streams.slice(from, from + STREAMS_AT_ONCE);
    found.push(...(await Promise.all(some.map((stream) => store.readStream(stream)))));
  }
  return found;
}

/** The events of some streams that count, by position. */
const inOrder = (
  streams: readonly (readonly RecordedEvent[])[],
  horizon: Horizon,
  parameters: EventParameters,
): readonly RecordedEvent[] =>
  streams
    .flat()
    .filter((event) => counts(event, horizon, parameters))
    .sort((a, b) => (a.position < b.position ? -1 : 1));

/** Events of the log that count, as many as a page needs and one more. */
async function ofLog(
  store: EventStore,
  horizon: Horizon,
  parameters: EventParameters,
): Promise<readonly RecordedEvent[]> {
  const { limit, type } = parameters;
  const events: RecordedEvent[] = [];
  const pages = store.readAll({
    after: afterOf(parameters),
    pageSize: Math.min(limit + 1, 1_000),
    ...(type === undefined ? {} : { filter: { types: type } }),
  });
  for await (const read of pages) {
    events.push(...read.filter((event) => counts(event, horizon, parameters)));
    const last = read.at(-1);
    if (events.length > limit || (last !== undefined && last.position >= horizon.known)) break;
  }
  return events;
}

const afterOf = ({ after }: EventParameters): bigint => BigInt(after ?? 0);

function counts(event: RecordedEvent, horizon: Horizon, parameters: EventParameters): boolean {
  const { type } = parameters;
  return (
    event.position > afterOf(parameters) &&
    happenedWithin(event, horizon) &&
    (type === undefined || type.includes(event.type))
  );
}

const happenedWithin = ({ position, occurredAt }: RecordedEvent, { known, asOf }: Horizon): boolean =>
  position <= known && (asOf === null || occurredAt <= asOf);

function page(events: readonly RecordedEvent[], { limit }: EventParameters): EventPage {
  const items = events.slice(0, limit).map((event) => ({ ...event, position: String(event.position) }));
  return { items, nextCursor: events.length > limit ? (items.at(-1)?.position ?? null) : null };
}
