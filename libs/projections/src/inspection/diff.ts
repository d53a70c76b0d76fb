import type { EventRegistry } from '@guanxi/event-store';
import type { Instant, JsonObject, RecordedEvent } from '@guanxi/kernel';
import { conflict } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import type { AnyReadModel } from '../read-model';
import type { GenerationBook } from './books';
import { readBooks } from './books';
import type { CommonColumns } from './common-columns';
import { commonColumns, placedWith } from './common-columns';
import type { Comparison, Sides } from './comparison';
import { compare } from './comparison';
import { without } from './content-text';
import { eventsOfKey } from './key-events';
import { movementsKnown, rowsKnown, streamsKnown, versionsKnown } from './known-content';
import { generationNamed, modelNamed, newestOther, servingGeneration } from './known-models';
import type { LookingParts } from './listing';
import { inSnapshot } from './snapshot';
import type { KeyContent } from './stored-key';
import { answering, knownAt, storedKey } from './stored-key';

/** What comparing needs. */
export interface DiffParts extends LookingParts {
  readonly registry: EventRegistry;
}

/** What to compare, and how much of it to tell. */
export interface DiffOptions {
  /** The generation to hold against the one that answers; the newest other one where left out. */
  readonly generation?: string;
  /** So many differing keys are told of, the rest is counted. */
  readonly keys?: number;
  /** True: events with their data, which may be personal. */
  readonly withData?: boolean;
}

/** An event that touched a key. */
export interface TouchingEvent {
  readonly type: string;
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  readonly data?: JsonObject;
}

/** A key that differs, as both generations hold it. */
export interface DifferingKey {
  readonly key: string;
  readonly tables: readonly string[];
  readonly serving: KeySide;
  readonly other: KeySide;
  /** The newest of its events. */
  readonly events: readonly TouchingEvent[];
  /** How many there are in all. */
  readonly eventCount: number;
}

/** What a generation holds of a key: the row that answers, and what it alone holds. */
export interface KeySide {
  readonly row: object | null;
  readonly only: KeyContent;
}

/** How two generations differ at one position. */
export interface Diff extends Omit<Comparison, 'keys'> {
  readonly model: string;
  readonly serving: string;
  readonly other: string;
  /** Both are compared as they were when this was the last position that they knew. */
  readonly position: string;
  /** Columns of the code that one of them has not; they are not compared. */
  readonly missingColumns: readonly string[];
  readonly keys: readonly DifferingKey[];
}

const KEYS = 20;
const EVENTS = 50;

/**
 * Holds the generation that answers against another one, both as known at the last position that both have.
 * @throws DomainError `projection.unknown`, `projection.generation-unknown`, `projection.only-one`,
 * `projection.building`, `projection.same-generation`
 */
export async function diffGenerations(
  parts: DiffParts,
  name: string,
  { generation, keys: limit = KEYS, withData = false }: DiffOptions = {},
): Promise<Diff> {
  const model = modelNamed(parts.models, name);
  return inSnapshot(parts.pool, async (client) => {
    const books = await readBooks(client);
    const serving = servingGeneration(books, name);
    const other =
      generation === undefined ? newestOther(books, name) : generationNamed(books, name, generation);
    refuseUnfit(serving, other);
    const position = serving.lowest < other.lowest ? serving.lowest : other.lowest;
    const common = await commonColumns(client, model, [serving.generation, other.generation]);
    const sides = sidesOf(common, serving.generation, other.generation, position);
    const { keys, ...compared } = await compare(client, sides, limit);
    const told: DifferingKey[] = [];
    for (const { key, tables } of keys) {
      told.push({
        ...{ key, tables },
        ...(await bothSides(client, common, [serving.generation, other.generation], key, position)),
        ...(await touching(parts, client, model, [serving, other], { key, position, withData })),
      });
    }
    return {
      ...{ model: name, serving: serving.generation, other: other.generation, position: String(position) },
      ...{ missingColumns: common.missing, ...compared, keys: told },
    };
  });
}

function refuseUnfit(serving: GenerationBook, { generation, status }: GenerationBook): void {
  if (generation === serving.generation) {
    throw conflict('projection.same-generation', `${generation} is the one that answers: name another one`);
  }
  if (status !== 'following') {
    throw conflict(
      'projection.building',
      `${generation} is still being built: compare it when "guanxi projections list" says that it follows the log`,
      { generation },
    );
  }
}

/** What is compared of two generations at a position. */
function sidesOf(common: CommonColumns, left: string, right: string, known: bigint): readonly Sides[] {
  const of = (table: string, sql: typeof rowsKnown): Sides => ({
    table,
    left: sql(placedWith(common, left), known),
    right: sql(placedWith(common, right), known),
  });
  return [
    of('rows', rowsKnown),
    of('versions', versionsKnown),
    ...(common.model.movements ? [of('movements', movementsKnown)] : []),
    ...(common.model.manyStreams ? [of('streams', streamsKnown)] : []),
  ];
}

async function bothSides(
  client: PoolClient,
  common: CommonColumns,
  [left, right]: readonly [string, string],
  key: string,
  position: bigint,
): Promise<Pick<DifferingKey, 'serving' | 'other'>> {
  const content = async (generation: string): Promise<KeyContent> =>
    knownAt(await storedKey(client, placedWith(common, generation), key), position);
  const [serving, other] = [await content(left), await content(right)];
  return { serving: sideOf(serving, other), other: sideOf(other, serving) };
}

const sideOf = (own: KeyContent, other: KeyContent): KeySide => ({
  row: answering(own.versions, null)?.row ?? null,
  only: {
    versions: without(own.versions, other.versions),
    movements: without(own.movements, other.movements),
  },
});

async function touching(
  parts: DiffParts,
  client: PoolClient,
  model: AnyReadModel,
  generations: readonly GenerationBook[],
  {
    key,
    position,
    withData,
  }: { readonly key: string; readonly position: bigint; readonly withData: boolean },
): Promise<Pick<DifferingKey, 'events' | 'eventCount'>> {
  let events: readonly RecordedEvent[] = [];
  for (const { generation } of generations) {
    if (events.length === 0) events = await eventsOfKey(parts, client, { model, generation }, key, position);
  }
  return {
    events: events.slice(-EVENTS).map((event) => touchingEvent(event, withData)),
    eventCount: events.length,
  };
}

/** An event as it is shown: without its data unless that is asked for. */
export function touchingEvent(event: RecordedEvent, withData: boolean): TouchingEvent {
  const { type, position, stream, revision, occurredAt, recordedAt } = event;
  const shown = { type, position: String(position), stream, revision, occurredAt, recordedAt };
  if (!withData) return shown;
  try {
    return { ...shown, data: event.data };
  } catch {
    // Its data cannot be lifted to the newest version: that much is told by the parked key.
    return shown;
  }
}
