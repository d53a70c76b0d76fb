import { setTimeout as pause } from 'node:timers/promises';
import type { EventStore } from '@guanxi/event-store';
import type { Mapped, MappingParts } from './mapping';
import { mapEvent } from './mapping';
import type { RelayObserver } from './observer';
import type { Outgoing } from './outgoing';
import type { MappedPage, PageLimits } from './page-buffer';
import { PageBuffer } from './page-buffer';
import type { Landmark, OpenPublisher, ParkedKey } from './publisher';
import { PublisherError } from './publisher';
import { healParked } from './parked-retry';

/** What one session with an open publisher works with. */
export interface SessionParts extends MappingParts {
  readonly store: EventStore;
  readonly storedTypes: readonly string[];
  readonly publisher: OpenPublisher;
  /** Behind this position it begins. */
  readonly after: bigint;
  readonly observer: RelayObserver;
  readonly limits: PageLimits;
  /** Nothing behind this position is wanted. */
  readonly upTo?: bigint;
  /** Messages a second at most. */
  readonly rate?: number;
  /** Milliseconds after which a position that moved without messages is kept. */
  readonly restMilliseconds: number;
  /** Streams that are to be tried again. */
  readonly wanted: Set<string>;
  /** Positions that a broker refused although its settings allow them, with the reason. */
  readonly refused: Map<bigint, string>;
  /** Up to here each event goes in a transaction of its own, so that it shows which one is refused. */
  readonly carefulUpTo: { position: bigint };
  readonly log: { readonly info: (line: string) => void; readonly warn: (line: string) => void };
}

const READ_SIZE = 1_000;

/**
 * Publishes from where the state says, in position order, one transaction at a time, until the signal comes, all that
 * was wanted is published, or something fails. What fails leaves the state unknown: it is read anew by the next session.
 */
export class RelaySession {
  private readonly buffer: PageBuffer;
  private readonly stopping = new AbortController();
  private readonly keys: Map<string, ParkedKey>;
  private reached: bigint;
  private kept: bigint;
  private keptAt = performance.now();
  private notBefore = 0;
  private landmark: Landmark | null | undefined;
  private hasOldSettings = false;

  constructor(private readonly parts: SessionParts) {
    const { after, publisher, limits } = parts;
    this.reached = after;
    this.kept = after;
    this.keys = new Map(publisher.state.parked);
    // What was kept before events were named stays unknown until the next one.
    this.landmark = after === 0n ? null : publisher.state.landmark;
    this.buffer = new PageBuffer(after, limits);
  }

  /** Up to where all is published, waits behind a parked key, or is none of the public's business. */
  get position(): bigint {
    return this.reached;
  }

  get parked(): ReadonlyMap<string, ParkedKey> {
    return this.keys;
  }

  /** Wakes it up when something is wanted of it; settings of topics may have been changed for that. */
  look(): void {
    this.hasOldSettings = true;
    this.buffer.wakeUp();
  }

  /** @returns whether all that was wanted is published. @throws PublisherError, and what the store fails with */
  async run(signal: AbortSignal): Promise<boolean> {
    const stop = (): void => {
      this.stopping.abort();
      this.buffer.close();
      this.buffer.wakeUp();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const reading = this.read().catch((error: unknown) => {
      this.buffer.fail(error);
    });
    try {
      while (!signal.aborted) {
        if (await this.step(signal)) return true;
      }
      await this.keepPosition();
      return false;
    } finally {
      signal.removeEventListener('abort', stop);
      stop();
      await reading;
    }
  }

  private async step(signal: AbortSignal): Promise<boolean> {
    const { wanted, restMilliseconds, carefulUpTo } = this.parts;
    const [stream] = wanted;
    if (stream !== undefined) {
      wanted.delete(stream);
      await this.heal(stream);
      return false;
    }
    const isOver = this.buffer.over;
    if (this.buffer.empty) {
      this.reached = this.buffer.position;
      const rested = performance.now() - this.keptAt;
      if (isOver || (this.reached > this.kept && rested >= restMilliseconds)) await this.keepPosition();
      else await this.buffer.wait(this.reached > this.kept ? restMilliseconds - rested : restMilliseconds);
      return isOver;
    }
    await this.throttle(signal);
    if (!signal.aborted)
      await this.send(this.buffer.take(this.reached < carefulUpTo.position ? 1 : undefined));
    return false;
  }

  /** Reads ahead and maps, as long as not too much waits. */
  private async read(): Promise<void> {
    const { store, storedTypes, upTo } = this.parts;
    const { signal } = this.stopping;
    const after = this.reached;
    if (upTo !== undefined && upTo <= after) {
      this.buffer.put({ events: [], position: after, last: true });
      return;
    }
    const filter = { types: storedTypes };
    for await (const message of store.subscribe({ after, filter, pageSize: READ_SIZE, signal })) {
      if (signal.aborted) return;
      if (message.kind !== 'events') continue;
      const events: Mapped[] = [];
      for (const event of message.events) {
        if (upTo !== undefined && event.position > upTo) break;
        const mapped = mapEvent(this.parts, event);
        if (mapped) events.push(mapped);
      }
      const last = upTo !== undefined && message.position >= upTo;
      this.buffer.put({ events, position: last ? upTo : message.position, last });
      if (last) return;
      await this.buffer.room();
    }
    if (!signal.aborted) throw new Error('the subscription to the event store has ended');
  }

  private async send({ events, position }: MappedPage): Promise<void> {
    const messages: Outgoing[] = [];
    const parked = new Map<string, ParkedKey>();
    for (const event of events) {
      if (this.keys.has(event.stream) || parked.has(event.stream)) continue;
      const failure = event.failure ?? this.refusalOf(event);
      if (failure) parked.set(event.stream, failure);
      else messages.push(...event.messages);
    }
    this.landmark = events.at(-1)?.event ?? this.landmark;
    if (messages.length > 0 || parked.size > 0) {
      try {
        await this.publish(messages, events.length, position, parked);
      } catch (error) {
        this.noteRefusal(error, events, position);
        throw error;
      }
    }
    this.reached = position;
    for (const [stream, { position: at, type, contract, reason }] of parked) {
      this.parts.observer.parked();
      this.parts.log.warn(
        `${stream} is set aside: ${type} at ${at} can't be published as ${contract}: ${reason}`,
      );
    }
  }

  private async publish(
    messages: readonly Outgoing[],
    events: number,
    position: bigint,
    parked: ReadonlyMap<string, ParkedKey | undefined>,
  ): Promise<void> {
    const begun = performance.now();
    const { landmark } = this;
    const { publisher, rate, observer } = this.parts;
    await publisher.publish(messages, {
      ...{ position, ...(landmark !== undefined && { landmark }) },
      ...(parked.size > 0 && { parked }),
    });
    this.keptAt = performance.now();
    this.kept = position;
    for (const [stream, key] of parked) {
      if (key) this.keys.set(stream, key);
      else this.keys.delete(stream);
    }
    const bytes = messages.reduce((sum, message) => sum + message.bytes, 0);
    observer.published({ events, messages: messages.length, bytes, milliseconds: this.keptAt - begun });
    if (rate !== undefined) this.notBefore = begun + (1_000 * messages.length) / rate;
  }

  private async keepPosition(): Promise<void> {
    if (this.reached > this.kept) await this.publish([], 0, this.reached, new Map());
  }

  private async heal(stream: string): Promise<void> {
    const key = this.keys.get(stream);
    if (!key) return;
    const { store, limits, log, observer, refused, publisher } = this.parts;
    if (this.hasOldSettings) {
      this.hasOldSettings = false;
      await publisher.lookAgain();
    }
    refused.delete(key.position);
    for await (const part of healParked({ store, mapping: this.parts, limits }, stream, key, this.reached)) {
      await this.publish(part.messages, part.events, this.reached, new Map([[stream, part.key]]));
    }
    const left = this.keys.get(stream);
    if (left) log.warn(`${stream} stays set aside at position ${left.position}: ${left.reason}`);
    else {
      observer.healed();
      log.info(`${stream} is published again; what had waited is sent`);
    }
  }

  private refusalOf({ position, messages }: Mapped): ParkedKey | undefined {
    const reason = this.parts.refused.get(position);
    const [message] = messages;
    if (reason === undefined || !message) return undefined;
    const contract = (message.headers['ce_type'] ?? '').replace(/^guanxi[.]/, '');
    return { position, type: contract, contract, reason };
  }

  /** A page that a broker finds too large is gone through event by event; what is alone then, is what it refuses. */
  private noteRefusal(error: unknown, events: readonly Mapped[], position: bigint): void {
    if (!(error instanceof PublisherError) || error.kind !== 'too-large') return;
    const [only, ...more] = events;
    if (only && more.length === 0) this.parts.refused.set(only.position, error.message);
    else this.parts.carefulUpTo.position = position;
  }

  private async throttle(signal: AbortSignal): Promise<void> {
    const rest = this.notBefore - performance.now();
    if (rest > 0) await pause(rest, undefined, { signal }).catch(() => undefined);
  }
}
