import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { invalid, isUuid, notFound } from '@guanxi/kernel';
import { shardOf } from '../shards';
import type { Version } from '../versions';
import type { GenerationBook } from './books';
import { readBooks } from './books';
import { commonColumns, placedWith } from './common-columns';
import { changedFields } from './content-text';
import type { DiffParts, TouchingEvent } from './diff';
import { touchingEvent } from './diff';
import { eventAt, eventsOfKey } from './key-events';
import { generationNamed, modelNamed, servingGeneration } from './known-models';
import { inSnapshot } from './snapshot';
import { answering, knownAt, storedKey } from './stored-key';

/** Of what an explanation speaks. */
export interface ExplainOptions {
  readonly asOf?: Instant;
  readonly asKnownAt?: Instant;
  /** Another generation than the one that answers. */
  readonly generation?: string;
  /** True: events with their data, which may be personal. */
  readonly withData?: boolean;
}

/** A version of a row, and the events that made it begin and end. */
export interface ExplainedVersion {
  readonly row: object;
  /** Fields in which it is another than the version before it. */
  readonly changed: readonly string[];
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
  /** True for the one that is the answer at the moment that was asked for. */
  readonly answers: boolean;
  readonly opened: TouchingEvent | null;
  /** The event from which it is known when it ended. */
  readonly closed: TouchingEvent | null;
  /** The event from which it is known to be wrong. */
  readonly superseded: TouchingEvent | null;
}

/** A row, what became of it on both time axes, and the events behind that. */
export interface Explanation {
  readonly model: string;
  readonly generation: string;
  readonly key: string;
  /** Null: as it stands. */
  readonly asOf: Instant | null;
  /** The last position that counts as known. */
  readonly position: string;
  readonly row: object | null;
  readonly versions: readonly ExplainedVersion[];
  readonly events: readonly TouchingEvent[];
}

/**
 * Tells why a row is as it is.
 * @throws DomainError `projection.unknown`, `projection.generation-unknown`, `projection.key-malformed`,
 * `projection.key-unknown`
 */
export async function explainKey(
  parts: DiffParts,
  name: string,
  id: string,
  { asOf, asKnownAt, generation, withData = false }: ExplainOptions = {},
): Promise<Explanation> {
  const model = modelNamed(parts.models, name);
  if (!isUuid(id))
    throw invalid('projection.key-malformed', `the key of a row is a UUID, ${String(id)} is none`);
  const key = id.toLowerCase();
  const known = asKnownAt === undefined ? undefined : await parts.store.positionAt(asKnownAt);
  return inSnapshot(parts.pool, async (client) => {
    const books = await readBooks(client);
    const book =
      generation === undefined ? servingGeneration(books, name) : generationNamed(books, name, generation);
    const reached = reachedFor(book, key);
    const position = known !== undefined && known < reached ? known : reached;
    const placed = placedWith(await commonColumns(client, model, [book.generation]), book.generation);
    const stored = await storedKey(client, placed, key);
    const events = await eventsOfKey(parts, client, placed, key, position);
    if (stored.versions.length === 0 && events.length === 0) {
      throw notFound('projection.key-unknown', `${book.generation} holds nothing about ${key}`, { key });
    }
    const { versions } = knownAt(stored, position);
    const answer = answering(versions, asOf ?? null);
    const eventOf = await finderOf(parts, events, versions, withData);
    return {
      ...{ model: name, generation: book.generation, key, asOf: asOf ?? null, position: String(position) },
      row: answer?.row ?? null,
      versions: versions.map((version, index) => ({
        row: version.row,
        changed: changedFields(versions[index - 1]?.row ?? {}, version.row),
        ...{ validFrom: version.validFrom, validTo: version.validTo, answers: version === answer },
        opened: eventOf(version.openedPos),
        closed: eventOf(version.closedPos),
        superseded: eventOf(version.supersededPos),
      })),
      events: events.map((event) => touchingEvent(event, withData)),
    };
  });
}

/** Up to which position the shard of a key is complete. */
function reachedFor({ shards, lowest }: GenerationBook, key: string): bigint {
  const own = shards.find(({ shard }) => shard === shardOf(key, shards.length));
  return own === undefined ? lowest : BigInt(own.position);
}

/** Finds events by position: those of the key, and others that had an effect on it, such as that one of them is left out. */
async function finderOf(
  { store }: DiffParts,
  events: readonly RecordedEvent[],
  versions: readonly Version[],
  withData: boolean,
): Promise<(position: bigint | null) => TouchingEvent | null> {
  const found = new Map(events.map((event) => [event.position, touchingEvent(event, withData)]));
  const named = versions.flatMap(({ openedPos, closedPos, supersededPos }) => [
    openedPos,
    closedPos,
    supersededPos,
  ]);
  for (const position of new Set(named)) {
    if (position === null || found.has(position)) continue;
    const event = await eventAt(store, position);
    if (event) found.set(position, touchingEvent(event, withData));
  }
  return (position) => (position === null ? null : (found.get(position) ?? null));
}
