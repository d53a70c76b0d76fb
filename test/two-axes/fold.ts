import { isDeepStrictEqual } from 'node:util';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import type { AnyReadModel } from '@guanxi/projections';

/**
 * What is true, said as plainly as can be: take the events that are known, put each at the moment at which it counts,
 * fold them in that order up to the moment asked for. Shares no line with the engine, whose tables are held to it.
 */
export interface Truth {
  readonly row: object | null;
  /** When the row became what it is. */
  readonly since: Instant | null;
  readonly movements: readonly { readonly movement: object; readonly at: Instant }[];
}

/** An event with the moment at which it counts. */
export interface Counted {
  readonly event: RecordedEvent;
  readonly at: Instant;
}

/** The events known at a position, in the order in which they were true. Words that only move others are left out. */
export function inForce(log: readonly RecordedEvent[], position: bigint): readonly Counted[] {
  const known = log.filter((event) => event.position <= position);
  const counted = known
    .filter((event) => !('redates' in event.data))
    .map((event) => ({ event, at: momentOf(event, known) }));
  return counted.sort((a, b) => {
    if (a.at < b.at) return -1;
    if (a.at > b.at) return 1;
    return Number(a.event.position - b.event.position);
  });
}

/** The last word on when an event happened. */
function momentOf(event: RecordedEvent, known: readonly RecordedEvent[]): Instant {
  let at = event.occurredAt;
  for (const { stream, data } of known) {
    if (stream !== event.stream || !('redates' in data)) continue;
    const { revision, to } = data['redates'] as { revision: number; to: Instant };
    if (revision === event.revision) at = to;
  }
  return at;
}

/** The keys of a model of which any event speaks. */
export function keysOf(model: AnyReadModel, log: readonly RecordedEvent[]): readonly string[] {
  const keys = log
    .filter(({ type }) => model.types.includes(type))
    .map((event) => model.keyOf(event))
    .filter((key) => key !== undefined);
  return [...new Set(keys)];
}

/** The events of one key. */
export const ofKey = (model: AnyReadModel, key: string, counted: readonly Counted[]): readonly Counted[] =>
  counted.filter(({ event }) => model.types.includes(event.type) && model.keyOf(event) === key);

/** A key's row and movements at a moment. @param counted the key's events, in the order in which they were true */
export function truthOf(model: AnyReadModel, key: string, counted: readonly Counted[], asOf: Instant): Truth {
  let row: object | null = null;
  let since: Instant | null = null;
  const movements: { movement: object; at: Instant }[] = [];
  for (const { event, at } of counted) {
    if (at > asOf) break;
    const { type, data, stream, revision } = event;
    const happened = { type, data, stream, revision, at };
    const evolved = model.evolve(row, happened, key) as object | null;
    const after: object | null = evolved === null || same(row, evolved) ? row : plain(evolved);
    const moved = (model.movements?.of(row, after, happened) ?? []) as readonly object[];
    movements.push(...moved.map((movement) => ({ movement: plain(movement), at })));
    if (after !== row) since = at;
    row = after;
  }
  return { row, since, movements };
}

/** A row without fields that say nothing. */
export function plain(row: object): object {
  return Object.fromEntries(Object.entries(row).filter(([, value]) => value !== undefined && value !== null));
}

const same = (row: object | null, other: object): boolean =>
  row !== null && isDeepStrictEqual(plain(row), plain(other));
