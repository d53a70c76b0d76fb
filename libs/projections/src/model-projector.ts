import type { RecordedEvent } from '@guanxi/kernel';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { UnstorableValue } from '@guanxi/pg-arrays';
import type { PoolClient } from 'pg';
import { DatabaseError } from 'pg';
import type { StreamNote } from './model-writer';
import { ModelWriter } from './model-writer';
import type { ParkedKeys } from './parked-keys';
import type { AnyReadModel } from './read-model';
import type { KeyVersions } from './versions';
import { versionsOf } from './versions';

/** What of a batch is to be folded. */
export interface BatchOptions {
  /** The last position of the batch. */
  readonly upTo: bigint;
  /** True for events of keys that are this worker's and were not folded yet. */
  readonly isOwn: (key: string, position: bigint) => boolean;
  /** Writes key by key, and parks those whose rows the database refuses. */
  readonly careful?: boolean;
}

/** Folds batches of events into one generation's tables, inside the transaction that the follower holds. */
export class ModelProjector {
  private readonly writer: ModelWriter;
  private readonly types: ReadonlySet<string>;

  constructor(
    readonly model: AnyReadModel,
    readonly generation: string,
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
    private readonly parked: ParkedKeys,
  ) {
    this.writer = new ModelWriter(model, generation);
    this.types = new Set(model.types);
  }

  /** Applies the events that concern this model. @returns how many these are */
  async apply(
    client: PoolClient,
    events: readonly RecordedEvent[],
    { upTo, isOwn, careful = false }: BatchOptions,
  ): Promise<number> {
    if (this.model.manyStreams) await this.writer.noteStreams(client, this.streamNotes(events, isOwn));
    const byKey = this.group(events, isOwn);
    const concerned = [...byKey.values()].reduce((sum, own) => sum + own.length, 0);
    if (concerned === 0) return 0;
    for (const key of [...byKey.keys()].filter((id) => this.parked.has(this.generation, id))) {
      const waits = await this.parked.countWaiting(client, this.generation, key, byKey.get(key)?.length ?? 0);
      if (waits) byKey.delete(key);
    }
    const loaded = await this.writer.load(client, [...byKey.keys()]);
    const grown = new Map<string, KeyVersions>();
    const refolded = new Map<string, KeyVersions>();
    for (const [key, own] of byKey) {
      const versions = loaded.get(key);
      if (!versions) continue;
      const outOfOrder = await this.appendAll(client, key, versions, own);
      if (!outOfOrder) grown.set(key, versions);
      else await this.refold(client, key, outOfOrder, upTo, refolded);
    }
    if (careful) {
      await this.writeOneByOne(client, grown, byKey, (own) => this.writer.add(client, own));
      await this.writeOneByOne(client, refolded, byKey, (own) => this.writer.replace(client, own));
      return concerned;
    }
    await this.writer.add(client, grown);
    if (refolded.size > 0) await this.writer.replace(client, refolded);
    return concerned;
  }

  private async writeOneByOne(
    client: PoolClient,
    versions: ReadonlyMap<string, KeyVersions>,
    events: ReadonlyMap<string, readonly RecordedEvent[]>,
    write: (own: ReadonlyMap<string, KeyVersions>) => Promise<void>,
  ): Promise<void> {
    for (const [key, own] of versions) {
      await client.query('savepoint one_key');
      try {
        await write(new Map([[key, own]]));
      } catch (error) {
        const [first] = events.get(key) ?? [];
        if (!isRefusedByDatabase(error) || !first) throw error;
        await client.query('rollback to savepoint one_key');
        await this.parked.park(client, this.generation, key, first, error);
      }
      await client.query('release savepoint one_key');
    }
  }

  /**
   * Folds a parked key from its first event on and takes it back among the living.
   * @throws what the fold throws, if it still does; the key stays parked then
   */
  async retry(client: PoolClient, key: string, stream: string, upTo: bigint): Promise<void> {
    const versions = versionsOf(this.model, key, await this.eventsOf(client, key, stream, upTo));
    await this.writer.replace(client, new Map([[key, versions]]));
    await this.parked.release(client, this.generation, key);
  }

  private group(
    events: readonly RecordedEvent[],
    isOwn: BatchOptions['isOwn'],
  ): Map<string, RecordedEvent[]> {
    const byKey = new Map<string, RecordedEvent[]>();
    for (const event of events) {
      if (!this.types.has(event.type)) continue;
      const key = this.model.keyOf(event);
      if (key === undefined || !isOwn(key, event.position)) continue;
      const own = byKey.get(key);
      if (own) own.push(event);
      else byKey.set(key, [event]);
    }
    return byKey;
  }

  private streamNotes(events: readonly RecordedEvent[], isOwn: BatchOptions['isOwn']): readonly StreamNote[] {
    const notes = new Map<string, StreamNote>();
    for (const event of events) {
      if (this.model.manyStreams !== 'of-every-type' && !this.types.has(event.type)) continue;
      const key = this.model.keyOf(event);
      if (key === undefined || !isOwn(key, event.position)) continue;
      const { stream, position } = event;
      const name = `${key} ${stream}`;
      if (!notes.has(name)) notes.set(name, { key, stream, position });
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
        await this.parked.park(client, this.generation, key, event, error);
        await this.parked.countWaiting(client, this.generation, key, events.length - index - 1);
        return undefined;
      }
    }
    return undefined;
  }

  private async refold(
    client: PoolClient,
    key: string,
    event: RecordedEvent,
    upTo: bigint,
    refolded: Map<string, KeyVersions>,
  ): Promise<void> {
    const all = await this.eventsOf(client, key, event.stream, upTo);
    try {
      refolded.set(key, versionsOf(this.model, key, all));
    } catch (error) {
      await this.parked.park(client, this.generation, key, event, error);
    }
  }

  private async eventsOf(
    client: PoolClient,
    key: string,
    stream: string,
    upTo: bigint,
  ): Promise<RecordedEvent[]> {
    const streams = await this.writer.streamsOf(client, key, stream);
    const read = await this.store.readStreams(streams, this.model.types);
    return read
      .map((event) => this.registry.newest(event))
      .filter((event) => event.position <= upTo && this.model.keyOf(event) === key);
  }
}

/** True for rows that the database has no place for (SQLSTATE classes 22 and 23), whatever is tried again. */
export const isRefusedByDatabase = (error: unknown): boolean =>
  error instanceof UnstorableValue || (error instanceof DatabaseError && /^2[23]/.test(error.code ?? ''));
