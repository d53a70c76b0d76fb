import { setTimeout as pause } from 'node:timers/promises';
import type { SubscriptionMessage } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { gatherStatistics } from './ddl';
import { Growth } from './growth';
import type { Lease } from './leases';
import { readable } from './placing';
import { readAhead } from './read-ahead';
import type { AnyReadModel } from './read-model';
import type { FollowerParts } from './shard-writer';
import { ShardWriter } from './shard-writer';
import { SkippedEvents } from './skipped-events';

/** What a batch costs beside its events, several round trips and a commit, is paid for once in so many. */
const PAGE_SIZE = 8_000;
/** A batch of so many events means that more are coming fast; waiting a little makes the next one worth its statements. */
const BUSY_BATCH = 64;
const GATHER_MILLISECONDS = 100;

/** Follows the log for some shards, batch by batch. */
export class Follower {
  private readonly skips = new SkippedEvents();
  private readonly growth = new Growth();
  private readonly writers: readonly ShardWriter[];
  /** The last look at statistics; batches do not wait for it. */
  private gathering: Promise<void> = Promise.resolve();

  /**
   * @param modelOf the read model of a generation
   * @param transactions how many write a batch side by side, each some of the shards; with one, all shards stand at one
   *   position
   */
  constructor(
    private readonly parts: FollowerParts,
    leases: readonly Lease[],
    private readonly modelOf: (generation: string) => AnyReadModel | undefined,
    transactions = 1,
  ) {
    this.writers = Array.from({ length: transactions }, (_, index) => {
      const own = leases.filter(({ shard }) => shard % transactions === index);
      return new ShardWriter(parts, this.skips, own, modelOf);
    }).filter(({ position }) => position !== undefined);
  }

  /**
   * Follows until the signal comes.
   * @param onLive called with the position when everything known has been folded, each time that is so
   * @throws LeaseLost when a shard was taken over
   */
  async follow(signal: AbortSignal, onLive: (position: bigint) => void): Promise<void> {
    try {
      await this.followOn(signal, onLive);
    } finally {
      await this.gathering;
    }
  }

  private async followOn(signal: AbortSignal, onLive: (position: bigint) => void): Promise<void> {
    for (const writer of this.writers) await writer.begin();
    await this.skips.load(
      this.parts.store,
      this.writers.flatMap(({ models }) => models),
    );
    const positions = this.writers.flatMap(({ position }) => position ?? []);
    if (positions.length === 0) return;
    const after = positions.reduce((low, next) => (next < low ? next : low));
    let held: readonly RecordedEvent[] = [];
    const messages = this.parts.store.subscribe({ after, pageSize: PAGE_SIZE, signal });
    for await (const message of readAhead(messages, isFullPage)) {
      if (message.kind === 'live') {
        if (held.length > 0) await this.apply(held);
        held = [];
        onLive(message.position);
        continue;
      }
      const events = [...held, ...message.events];
      const whole =
        message.events.length < PAGE_SIZE ? events : events.slice(0, endOfLastWholeAppend(events));
      held = events.slice(whole.length);
      if (whole.length > 0) await this.apply(whole);
      if (signal.aborted) return;
      if (message.events.length >= BUSY_BATCH && message.events.length < PAGE_SIZE) {
        await pause(GATHER_MILLISECONDS, undefined, { signal }).catch(() => undefined);
      }
    }
  }

  /** Has a batch written. All writers have ended before anything is begun anew. */
  private async apply(batch: readonly RecordedEvent[]): Promise<void> {
    const to = batch.at(-1)?.position;
    if (to === undefined) return;
    const events = batch.map((event) => readable(this.parts.registry, event));
    const ended = await Promise.allSettled(this.writers.map((writer) => writer.write(events, to)));
    const folded = new Map<string, number>();
    for (const written of ended) {
      if (written.status === 'rejected') throw written.reason;
      for (const [generation, own] of written.value)
        folded.set(generation, (folded.get(generation) ?? 0) + own);
    }
    for (const [generation, own] of folded) {
      const model = this.modelOf(generation);
      if (!model || !this.growth.hasGrown(generation, own)) continue;
      this.gathering = this.gathering.then(() => this.gather(model, generation));
    }
  }

  private async gather(model: AnyReadModel, generation: string): Promise<void> {
    await this.parts.pool.query(gatherStatistics(model, generation)).catch((error: unknown) => {
      this.parts.warn(
        `the statistics of ${generation} could not be gathered: ${error instanceof Error ? error.message : String(error)}`,
      );
    });
  }
}

const isFullPage = (message: SubscriptionMessage): boolean =>
  message.kind === 'events' && message.events.length === PAGE_SIZE;

/** Index behind the last event of which it is certain that its whole append is in the batch. */
function endOfLastWholeAppend(events: readonly RecordedEvent[]): number {
  const last = events.at(-1);
  let end = events.length - 1;
  while (end > 0 && events[end - 1]?.metadata.commandId === last?.metadata.commandId) end -= 1;
  return end;
}
