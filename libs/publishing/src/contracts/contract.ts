import type { Instant, JsonObject, RecordedEvent } from '@guanxi/kernel';
import type { Static, TSchema } from '@sinclair/typebox';

/** Where public events of one context go. */
export interface Topic {
  /** As Kafka and the feed know it: `guanxi.deals`. */
  readonly name: string;
  readonly title: string;
  /** What a reader finds there, in a paragraph. */
  readonly description: string;
  /** Partitions with which it is made; later they may not change, because keys would move. */
  readonly partitions: number;
  /** Days for which Kafka keeps messages; the feed keeps them for ever. */
  readonly retentionDays: number;
  /** Only such a topic may carry what tells who a person is. */
  readonly personal?: true;
}

/** A stored event as a mapping sees it: its data typed, its coordinates beside. */
export interface MappedEvent<D> {
  readonly data: D;
  readonly stream: string;
  readonly revision: number;
  readonly occurredAt: Instant;
}

/** One version of a public event: a promise to readers that know nothing of our code. */
export interface PublicEvent<S extends TSchema = TSchema> {
  /** Its name for readers, without a version: `deal-won`. */
  readonly name: string;
  /** From 1; several may be published side by side for a time. */
  readonly version: number;
  /** What happened, in a sentence. */
  readonly summary: string;
  readonly schema: S;
  /** The stored type, in its newest version, that it is made from. */
  readonly from: string;
  /** What it is about: the category of its stream, `deal` of `deal-3f...`. The stream's name is the message's key. */
  readonly category: string;
  /** What readers are told; undefined where this event is none of their business. */
  readonly map: (event: RecordedEvent) => JsonObject | undefined;
  /** Readers should move on: what to read in its place, and until when this one is published. */
  readonly deprecated?: Deprecation;
}

/** What to read in a contract's place (`deal-won.v2`), and the last day on which it is published, `YYYY-MM-DD`. */
export interface Deprecation {
  readonly inFavourOf: string;
  readonly until: string;
}

/** What a context tells the world: a topic and the events in it. */
export interface Publication {
  readonly topic: Topic;
  readonly events: readonly PublicEvent[];
  /** One stored event of each type, as examples are made from; those of the context's tests. */
  readonly samples?: Readonly<Record<string, JsonObject>>;
}

/** `deal-won.v1`: how a contract is called in `ce_type`, in files and in lists. */
export const contractName = ({ name, version }: Pick<PublicEvent, 'name' | 'version'>): string =>
  `${name}.v${version}`;

/** How the keys of a contract's messages look: `deal-{id}`. */
export const keyOf = ({ category }: Pick<PublicEvent, 'category'>): string => `${category}-{id}`;

/** What a declaration of a public event says. */
export interface PublicEventOptions<D, S extends TSchema> {
  /** Absent: the stored type's name without its version. */
  readonly name?: string;
  /** Absent: 1. */
  readonly version?: number;
  readonly summary: string;
  readonly schema: S;
  /** What readers are told of the stored data; undefined where it is none of their business. */
  readonly map: (event: MappedEvent<D>) => Static<S> | undefined;
  readonly deprecated?: PublicEvent['deprecated'];
}

type Stored = { readonly type: string; readonly data: unknown };
type DataOf<E extends Stored, T extends E['type']> = Extract<E, { readonly type: T }>['data'];

/**
 * Declares public events of a context: `const publish = publicEventsOf<DealEvent>('deal')`, then
 * `publish('deal-won.v1', { summary, schema, map })`. What `map` gets and returns is typed by the stored event and the
 * public schema, so that neither can change behind the other's back.
 * @param category of the streams that hold these events; it is a part of the contract, because it makes the key
 */
export const publicEventsOf =
  <E extends Stored>(category: string) =>
  <const T extends E['type'], S extends TSchema>(
    from: T,
    { map, name = nameOf(from), version = 1, ...rest }: PublicEventOptions<DataOf<E, T>, S>,
  ): PublicEvent<S> => ({
    ...rest,
    ...{ name, version, from, category },
    map: mapped(map),
  });

/** The data of an event that has gone through its registry is of the stored type's newest version. */
function mapped<D, R>(
  map: (event: MappedEvent<D>) => R | undefined,
): (event: RecordedEvent) => JsonObject | undefined {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- the store checked data against the schema
  return map as unknown as (event: RecordedEvent) => JsonObject | undefined;
}

const nameOf = (type: string): string => type.replace(/[.]v\d+$/, '');
