import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import type { AnyPolicy } from './policy';

/** Reads the events of a policy's keys. */
export class KeyEvents {
  /** Types as they stand in the log: also older versions that become one of the policy's types on read. */
  readonly storedTypes: readonly string[];
  private readonly types: ReadonlySet<string>;

  constructor(
    private readonly policy: AnyPolicy,
    private readonly generation: string,
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
  ) {
    this.types = new Set(policy.types);
    this.storedTypes = registry.storedTypes(policy.types);
  }

  /** Events of a page by the key that they speak about, in their newest versions. */
  byKey(page: readonly RecordedEvent[]): Map<string, RecordedEvent[]> {
    const grouped = new Map<string, RecordedEvent[]>();
    for (const stored of page) {
      const event = this.registry.newest(stored);
      const key = this.keyOf(event);
      if (key === undefined) continue;
      const own = grouped.get(key);
      if (own) own.push(event);
      else grouped.set(key, [event]);
    }
    return grouped;
  }

  /** Notes which streams speak about keys. */
  async note(client: PoolClient, events: ReadonlyMap<string, readonly RecordedEvent[]>): Promise<void> {
    if (!this.policy.manyStreams || events.size === 0) return;
    const pairs = [...events].flatMap(([key, own]) =>
      [...new Set(own.map(({ stream }) => stream))].map((stream) => ({ key, stream })),
    );
    await client.query(
      `insert into ops.policy_streams (generation, key, stream)
       select $1, * from unnest($2::uuid[], $3::text[]) on conflict do nothing`,
      [this.generation, pairs.map(({ key }) => key), pairs.map(({ stream }) => stream)],
    );
  }

  /**
   * All events of keys up to a position.
   * @param streams for each key a stream that is known to speak about it
   */
  async read(
    client: PoolClient,
    streams: ReadonlyMap<string, string>,
    upTo: bigint,
  ): Promise<Map<string, RecordedEvent[]>> {
    if (streams.size === 0) return new Map();
    const wanted = await this.streamsOf(client, streams);
    const events = await this.store.readStreams([...new Set(wanted)], this.storedTypes);
    const found = this.byKey(events.filter(({ position }) => position <= upTo));
    for (const key of found.keys()) if (!streams.has(key)) found.delete(key);
    return found;
  }

  private async streamsOf(
    client: PoolClient,
    streams: ReadonlyMap<string, string>,
  ): Promise<readonly string[]> {
    if (!this.policy.manyStreams) return [...streams.values()];
    const { rows } = await client.query<{ stream: string }>(
      'select stream from ops.policy_streams where generation = $1 and key = any($2::uuid[])',
      [this.generation, [...streams.keys()]],
    );
    return [...rows.map(({ stream }) => stream), ...streams.values()];
  }

  private keyOf(event: RecordedEvent): string | undefined {
    return this.types.has(event.type) ? this.policy.keyOf(event) : undefined;
  }
}
