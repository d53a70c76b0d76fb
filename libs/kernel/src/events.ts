import type { Instant } from './instant';

/** A value that JSON can carry without loss. */
export type JsonObject = { readonly [key: string]: unknown };

/**
 * An event type as it is stored: a literal name with a version and the schema of its data.
 * The schema is a TypeBox schema; the kernel knows it by shape alone, so that it needs no package.
 */
export interface EventContract<T extends string = string, S = unknown> {
  readonly type: T;
  readonly schema: S;
  /** For a version that is no longer written: the type that takes its place and how to get there. */
  readonly upcast?: { readonly to: string; readonly data: (data: JsonObject) => JsonObject };
}

/** Declares an event type once; TypeScript type, JSON Schema and the check before append follow from it. */
export const event = <const T extends string, S extends { readonly static: unknown }>(
  type: T,
  schema: S,
): EventContract<T, S> => ({ type, schema });

/** Declares an old version of an event that is read but no longer written. */
export const retiredEvent = <const T extends string, S extends { readonly static: unknown }>(
  type: T,
  schema: S,
  upcast: { readonly to: string; readonly data: (data: JsonObject) => JsonObject },
): EventContract<T, S> => ({ type, schema, upcast });

type DataOf<S> = S extends { readonly static: infer D } ? D : never;
type EventOfContract<C> =
  C extends EventContract<infer T, infer S>
    ? { readonly type: T; readonly data: DataOf<S>; readonly at?: Instant }
    : never;

/** The union of events of a list of contracts: `type DealEvent = EventOf<typeof dealEvents>`. */
export type EventOf<Cs extends readonly EventContract[]> = EventOfContract<Cs[number]>;

/** An event as decisions see it when they look back: what happened, when, and as which of its stream. */
export type Happened<E> = E & { readonly at: Instant; readonly revision: number };

/** What travels with every stored event beside its data. */
export interface EventMetadata {
  readonly commandId: string;
  readonly command: string;
  /** SHA-256 over the command's content: tells a repeat from another command under the same id. */
  readonly commandHash: string;
  readonly correlationId: string;
  readonly causationId?: string;
  readonly actor: string;
  readonly tenant: string;
  readonly policyVersion: number;
}

/** An event as the store returns it. `position` orders all events, `revision` those of one stream from 0. */
export interface RecordedEvent<E extends { readonly type: string } = { readonly type: string }> {
  readonly id: string;
  readonly type: E['type'];
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  /** When it happened in the business. */
  readonly occurredAt: Instant;
  /** When we learned it; never goes backwards in position order. */
  readonly recordedAt: Instant;
  readonly data: E extends { readonly data: infer D } ? D : JsonObject;
  readonly metadata: EventMetadata;
}

/** The category of a stream: what stands before the first hyphen of its name (`deal` of `deal-3f…`). */
export function categoryOf(stream: string): string {
  const hyphen = stream.indexOf('-');
  return hyphen < 0 ? stream : stream.slice(0, hyphen);
}

/** The id in a stream's name: what stands behind the first hyphen. */
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1);
