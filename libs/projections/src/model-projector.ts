import type { RecordedEvent } from '@guanxi/kernel';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { isUuid } from '@guanxi/kernel';
import { UnstorableValue } from '@guanxi/pg-arrays';
import type { PoolClient } from 'pg';
import { DatabaseError } from 'pg';
import { RowsAhead } from './checkpoints';
import { CurrentRows } from './current-rows';
import { KeyEvents } from './key-events';
import { foldKey } from './key-fold';
import type { StreamNote } from './model-writer';
import { ModelWriter } from './model-writer';
import type { Halt, ParkedKeys } from './parked-keys';
import { placed, readable } from './placing';
import type { AnyReadModel } from './read-model';
import type { SkippedEvents } from './skipped-events';
import { deadLetterSkipped } from './skipped-events';
import type { KeyVersions } from './versions';

/** What of a batch is to be folded. */
export interface BatchOptions {
  /** The last position of the batch. */
  readonly upTo: bigint;
  /** True for events of keys that are this worker's and were not folded yet. */
  readonly isOwn: (key: string, position: bigint) => boolean;
  /** Writes key by key, and parks those whose rows the database refuses. */
  readonly careful?: boolean;
}

/** What a projector works with beside its model. */
export interface ProjectorParts {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly parked: ParkedKeys;
  readonly skips: SkippedEvents;
}

/** Folds batches of events into one generation's tables, inside the transaction that the follower holds. */
export class ModelProjector {
  private readonly writer: ModelWriter;
  private readonly rows: CurrentRows;
  private readonly events: KeyEvents;
  private readonly types: ReadonlySet<string>;

  constructor(
    readonly model: AnyReadModel,
    readonly generation: string,
    private readonly parts: ProjectorParts,
  ) {
    this.writer = new ModelWriter(model, generation);
    this.rows = new CurrentRows(model);
    this.events = new KeyEvents(model, this.writer, parts);
    this.types = new Set(model.types);
  }

  /** Applies the events that concern this model. @returns how many these are */
  async apply(
    client: PoolClient,
    events: readonly RecordedEvent[],
    { upTo, isOwn, careful = false }: BatchOptions,
  ): Promise<number> {
    const { parked } = this.parts;
    this.rows.begin(careful);
    const resumed = this.skippedIn(events, isOwn);
    if (this.model.manyStreams) await this.writer.noteStreams(client, this.streamNotes(events, isOwn));
    const byKey = this.group(events, isOwn);
    if (byKey.size === 0 && resumed.size === 0) return 0;
    const concerned = [...byKey.values()].reduce((sum, own) => sum + own.length, 0);
    for (const key of resumed.keys()) byKey.delete(key);
    for (const key of [...byKey.keys()].filter((id) => parked.has(this.generation, id))) {
      const waits = await parked.countWaiting(client, this.generation, key, byKey.get(key)?.length ?? 0);
      if (waits) byKey.delete(key);
      // Whoever takes a parked key back among the living writes its row.
      this.rows.forget(key);
    }
    const loaded = await this.load(client, [...byKey.keys()]);
    const grown = new Map<string, KeyVersions>();
    /** Keys that are folded from their first event on, with one of their streams. */
    const anew = new Map(resumed);
    for (const [key, own] of byKey) {
      const versions = loaded.get(key);
      if (!versions) continue;
      const { current } = versions;
      if (current && isOwn(key, current.openedPos))
        throw new RowsAhead(this.model.name, key, current.openedPos);
      const outOfOrder = await this.appendAll(client, key, versions, own);
      if (!outOfOrder) grown.set(key, versions);
      else anew.set(key, outOfOrder.stream);
    }
    const refolded = new Map<string, KeyVersions>();
    for (const [key, own] of await this.events.ofAll(client, anew, upTo)) {
      const { versions, halt } = foldKey(this.model, key, own);
      refolded.set(key, versions);
      if (halt) await parked.park(client, this.generation, key, halt);
      else if (resumed.has(key)) await parked.release(client, this.generation, key);
    }
    if (careful) {
      const streams = new Map(anew);
      for (const [key, own] of byKey) for (const { stream } of own) streams.set(key, stream);
      await this.writeOneByOne(client, grown, streams, upTo, (own) => this.writer.add(client, own));
      await this.writeOneByOne(client, refolded, streams, upTo, (own) => this.writer.replace(client, own));
      return concerned;
    }
    await this.writer.write(client, { grown, whole: refolded });
    this.rows.note(grown);
    this.rows.note(refolded);
    return concerned;
  }

  /** The transaction of the last batch was committed. */
  committed(): void {
    this.rows.commit();
  }

  /** The rows of keys, from memory or from the table. */
  private async load(client: PoolClient, keys: readonly string[]): Promise<Map<string, KeyVersions>> {
    const known = new Map<string, KeyVersions>();
    const unknown: string[] = [];
    for (const key of keys) {
      const versions = this.rows.versionsOf(key);
      if (versions) known.set(key, versions);
      else unknown.push(key);
    }
    for (const [key, versions] of await this.writer.load(client, unknown)) known.set(key, versions);
    return known;
  }

  /**
   * Folds a parked key from its first event on, and takes it back among the living if that goes.
   * @returns where it came to a halt, if it did: there it stays parked
   */
  async retry(client: PoolClient, key: string, stream: string, upTo: bigint): Promise<Halt | undefined> {
    const { parked } = this.parts;
    const { versions, halt } = foldKey(this.model, key, await this.eventsOf(client, key, stream, upTo));
    const refused = await this.refusalOf(client, () =>
      this.writer.replace(client, new Map([[key, versions]])),
    );
    if (refused !== undefined) return this.parkRefused(client, key, stream, upTo);
    if (halt) await parked.park(client, this.generation, key, halt);
    else await parked.release(client, this.generation, key);
    return halt;
  }

  /** The keys to which the events of a stream belong, which is noted of them where keys have many streams. */
  async keysOf(client: PoolClient, stream: string): Promise<readonly string[]> {
    const events = await this.parts.store.readStreams(
      [stream],
      this.parts.registry.storedTypes(this.model.types),
    );
    const notes = new Map<string, StreamNote>();
    for (const event of events) {
      const key = placed(this.model, readable(this.parts.registry, event))?.key;
      if (key !== undefined && !notes.has(key)) notes.set(key, { key, stream, position: event.position });
    }
    if (this.model.manyStreams) await this.writer.noteStreams(client, [...notes.values()]);
    return [...notes.keys()];
  }

  private group(
    events: readonly RecordedEvent[],
    isOwn: BatchOptions['isOwn'],
  ): Map<string, RecordedEvent[]> {
    const byKey = new Map<string, RecordedEvent[]>();
    for (const each of events) {
      if (!this.types.has(each.type)) continue;
      const place = placed(this.model, each);
      if (!place || !isOwn(place.key, each.position)) continue;
      const { key, event } = place;
      if (this.parts.skips.has(this.model.name, key, event)) continue;
      const own = byKey.get(key);
      if (own) own.push(event);
      else byKey.set(key, [event]);
    }
    return byKey;
  }

  /** Keys of which an event is left out from now on, as skips among the events say, each with that event's stream. */
  private skippedIn(
    events: readonly RecordedEvent[],
    isOwn: BatchOptions['isOwn'],
  ): ReadonlyMap<string, string> {
    const keys = new Map<string, string>();
    for (const event of events) {
      if (event.type !== deadLetterSkipped.type) continue;
      const skip = this.parts.skips.note(event);
      if (skip?.model !== this.model.name || !isUuid(skip.key)) continue;
      if (isOwn(skip.key, event.position)) keys.set(skip.key, skip.event.stream);
    }
    return keys;
  }

  private streamNotes(events: readonly RecordedEvent[], isOwn: BatchOptions['isOwn']): readonly StreamNote[] {
    const notes = new Map<string, StreamNote>();
    for (const event of events) {
      const isRead = this.types.has(event.type);
      if (!isRead && this.model.manyStreams !== 'of-every-type') continue;
      const place = placed(this.model, event);
      if (!place || !isOwn(place.key, event.position)) continue;
      // What is not read need not have a key.
      if (!isRead && place.event !== event) continue;
      const { stream, position } = event;
      const name = `${place.key} ${stream}`;
      if (!notes.has(name)) notes.set(name, { key: place.key, stream, position });
    }
    return [...notes.values()];
  }

  /** Folds in-order events; returns the first that is not, undefined when all went in or the key was parked. */
  private async appendAll(
    client: PoolClient,
    key: string,
    versions: KeyVersions,
    events: readonly RecordedEvent[],
  ): Promise<RecordedEvent | undefined> {
    for (const [index, event] of events.entries()) {
      try {
        if (versions.isInOrder(event)) versions.append(event);
        else if (!versions.changesNothing(event)) return event;
      } catch (error) {
        const waiting = events.length - index - 1;
        await this.parts.parked.park(client, this.generation, key, { event, error, waiting });
        return undefined;
      }
    }
    return undefined;
  }

  private async writeOneByOne(
    client: PoolClient,
    versions: ReadonlyMap<string, KeyVersions>,
    streams: ReadonlyMap<string, string>,
    upTo: bigint,
    write: (own: ReadonlyMap<string, KeyVersions>) => Promise<void>,
  ): Promise<void> {
    for (const [key, own] of versions) {
      const refused = await this.refusalOf(client, () => write(new Map([[key, own]])));
      const stream = streams.get(key);
      if (refused !== undefined && stream) await this.parkRefused(client, key, stream, upTo);
    }
  }

  /** Writes as much of a key as the database takes, and parks it at the event whose rows it refuses. */
  private async parkRefused(
    client: PoolClient,
    key: string,
    stream: string,
    upTo: bigint,
  ): Promise<Halt | undefined> {
    const events = await this.eventsOf(client, key, stream, upTo);
    const write = (count: number): Promise<void> => {
      const { versions } = foldKey(this.model, key, events.slice(0, count));
      return this.writer.replace(client, new Map([[key, versions]]));
    };
    let refused = await this.refusalOf(client, () => write(events.length));
    let [good, bad] = [0, events.length];
    while (refused !== undefined && bad - good > 1) {
      const middle = (good + bad) >> 1;
      const refusal = await this.refusalOf(client, () => write(middle));
      if (refusal === undefined) good = middle;
      else [bad, refused] = [middle, refusal];
    }
    const event = events[good];
    if (refused === undefined || !event) return undefined;
    await write(good);
    const halt = { event, error: refused, waiting: events.length - good - 1 };
    await this.parts.parked.park(client, this.generation, key, halt);
    return halt;
  }

  /** Does `work`; undoes it and says why when the database refuses it. */
  private async refusalOf(client: PoolClient, work: () => Promise<void>): Promise<unknown> {
    await client.query('savepoint careful');
    let refusal: unknown;
    try {
      await work();
    } catch (error) {
      if (!isRefusedByDatabase(error)) throw error;
      refusal = error;
      await client.query('rollback to savepoint careful');
    }
    await client.query('release savepoint careful');
    return refusal;
  }

  /** A key's events up to a position, without those that are left out. @param stream one of the streams that speak of it */
  eventsOf(client: PoolClient, key: string, stream: string, upTo: bigint): Promise<readonly RecordedEvent[]> {
    return this.events.of(client, key, stream, upTo);
  }
}

/** True for rows that the database has no place for (SQLSTATE classes 22, 23 and 54), whatever is tried again. */
export const isRefusedByDatabase = (error: unknown): boolean =>
  error instanceof UnstorableValue ||
  (error instanceof DatabaseError && /^(2[23]|54)/.test(error.code ?? ''));
