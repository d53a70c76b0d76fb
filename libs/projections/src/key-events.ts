import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import type { ModelWriter } from './model-writer';
import { placed, readable } from './placing';
import type { AnyReadModel } from './read-model';
import type { SkippedEvents } from './skipped-events';

/** Where a key's events come from. */
export interface KeyEventsParts {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly skips: SkippedEvents;
}

/** Reads the events of keys of a read model anew, without those that are left out. */
export class KeyEvents {
  constructor(
    private readonly model: AnyReadModel,
    private readonly writer: ModelWriter,
    private readonly parts: KeyEventsParts,
  ) {}

  /** A key's events up to a position. @param stream one of the streams that speak of it */
  async of(client: PoolClient, key: string, stream: string, upTo: bigint): Promise<readonly RecordedEvent[]> {
    const streams = await this.writer.streamsOf(client, key, stream);
    return (await this.byKey(streams, upTo)).get(key) ?? [];
  }

  /** The same of many keys, each given with one of its streams; all are read at once where a key has but one. */
  async ofAll(
    client: PoolClient,
    streams: ReadonlyMap<string, string>,
    upTo: bigint,
  ): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    const events = new Map<string, readonly RecordedEvent[]>();
    if (streams.size === 0) return events;
    if (this.model.manyStreams) {
      for (const [key, stream] of streams) events.set(key, await this.of(client, key, stream, upTo));
      return events;
    }
    const read = await this.byKey([...new Set(streams.values())], upTo);
    for (const key of streams.keys()) events.set(key, read.get(key) ?? []);
    return events;
  }

  private async byKey(
    streams: readonly string[],
    upTo: bigint,
  ): Promise<ReadonlyMap<string, readonly RecordedEvent[]>> {
    const { store, registry, skips } = this.parts;
    const byKey = new Map<string, RecordedEvent[]>();
    for (const each of await store.readStreams(streams, registry.storedTypes(this.model.types))) {
      const place = each.position <= upTo ? placed(this.model, readable(registry, each)) : undefined;
      if (!place || skips.has(this.model.name, place.key, place.event)) continue;
      const own = byKey.get(place.key);
      if (own) own.push(place.event);
      else byKey.set(place.key, [place.event]);
    }
    return byKey;
  }
}
