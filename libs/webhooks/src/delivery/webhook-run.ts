import type { EventStore } from '@guanxi/event-store';
import { Wakeup } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { DeliveryBook, DueKey, Note, Standing, Tried, Waiting } from './delivery-book';
import type { Place } from './key-stream';
import { KeyStream } from './key-stream';
import type { Head, Lane } from './lane';
import { Lanes } from './lanes';
import { LeaseLost } from './lease-book';
import { NoteWriter } from './note-writer';
import type { DeliveryPolicy } from './policy';
import { waitAfter } from './policy';
import { Progress } from './progress';
import type { Sending } from './sending';
import type { Outgoing, Wanted } from './wanted';

/** What one webhook's deliveries are made with. */
export interface RunParts {
  readonly store: EventStore;
  readonly wanted: Wanted;
  readonly sending: Sending;
  readonly book: DeliveryBook;
  readonly policy: DeliveryPolicy;
  /** Has the webhook disabled, for this reason. */
  readonly giveUp: (reason: string) => Promise<void>;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
  /** From 0 to below 1. */
  readonly random: () => number;
}

const PAGE_SIZE = 200;
const STEPS = 4;
const GRACE_MILLISECONDS = 3_000;

/**
 * The deliveries of one webhook in one worker, while it holds the lease: the log is followed, messages of different keys
 * are sent side by side, those of one key one after the other. A key whose message fails waits with that message alone;
 * what comes behind it is read anew from the key's stream once it is through, so that nothing grows while it waits.
 */
export class WebhookRun {
  private readonly lanes: Lanes;
  private readonly streams: KeyStream;
  private readonly progress: Progress;
  private readonly writer: NoteWriter;
  private readonly changes = new Wakeup();
  /** No message is begun any more. */
  private readonly ended = new AbortController();
  /** Requests that are under way are broken off. */
  private readonly cut = new AbortController();
  private readonly through: Set<string>;
  private seen: bigint;
  private inMemory = 0;
  private failure: Error | undefined;

  constructor(
    private readonly parts: RunParts,
    private readonly standing: Standing,
  ) {
    this.seen = standing.position;
    this.progress = new Progress(standing.position);
    this.through = new Set(standing.through);
    this.writer = new NoteWriter(parts.book, () => this.progress.position);
    this.streams = new KeyStream(parts.store, parts.wanted);
    this.lanes = new Lanes({
      atOnce: parts.policy.atOnce,
      ended: this.ended.signal,
      work: (lane) => (lane.head ? this.goOn(lane, lane.head) : this.sendFirst(lane)),
      failed: (error) => {
        this.fail(error);
      },
      changed: () => {
        this.changes.signal();
      },
    });
  }

  /** Delivers until the signal comes; what is under way is ended and noted. @throws LeaseLost, errors of the database */
  async run(signal: AbortSignal): Promise<void> {
    const stop = (): void => {
      this.end();
    };
    signal.addEventListener('abort', stop, { once: true });
    if (signal.aborted) stop();
    const writing = new AbortController();
    const writer = this.writer.run(writing.signal).catch((error: unknown) => {
      this.fail(error);
    });
    try {
      for (const head of this.standing.waiting) this.restore(head);
      await this.follow();
    } catch (error) {
      this.fail(error);
    } finally {
      signal.removeEventListener('abort', stop);
      this.end();
      this.lanes.cancel();
      await this.underWay();
      writing.abort();
      await writer;
    }
    if (this.failure) throw this.failure;
  }

  /** Has waiting keys tried now. @param due with how often each was tried, as written down */
  hurry(due: readonly DueKey[]): void {
    this.lanes.hurry(due);
  }

  /** Waits for what is under way, with little patience. */
  private async underWay(): Promise<void> {
    const patience = setTimeout(() => {
      this.cut.abort();
    }, GRACE_MILLISECONDS);
    const never = new AbortController().signal;
    while (this.lanes.active > 0) await this.changes.wait(this.changes.ticket, 1_000, never);
    clearTimeout(patience);
  }

  /** Takes in the log as fast as there is room. */
  private async follow(): Promise<void> {
    const { store, wanted } = this.parts;
    const { signal } = this.ended;
    const options = { after: this.seen, filter: { types: wanted.types }, pageSize: PAGE_SIZE, signal };
    for await (const message of store.subscribe(options)) {
      if (message.kind === 'live') continue;
      for (const event of message.events) {
        await this.room();
        if (signal.aborted) return;
        this.take(event);
      }
      this.seen = message.position;
      this.progress.add(message.position, 0);
    }
  }

  private async room(): Promise<void> {
    const { inMemory, waitingKeys } = this.parts.policy;
    while (!this.ended.signal.aborted) {
      const { ticket } = this.changes;
      const full = this.inMemory >= inMemory || this.progress.size >= inMemory * STEPS;
      if (!full && this.lanes.waiting < waitingKeys) return;
      await this.changes.wait(ticket, 1_000, this.ended.signal);
    }
  }

  private take(event: RecordedEvent): void {
    this.seen = event.position;
    const messages = this.parts.wanted.messagesOf(event).filter(({ id }) => !this.through.delete(id));
    if (messages.length === 0) {
      this.progress.add(event.position, 0);
      return;
    }
    const done = this.progress.add(event.position, messages.length);
    for (const message of messages) {
      const lane = this.lanes.of(message.key);
      if (lane.head) {
        // It will be read from the key's stream when its turn comes.
        lane.hasMore = true;
        done();
        continue;
      }
      this.inMemory += 1;
      lane.queue.push({ message, done });
      this.lanes.makeReady(lane);
    }
  }

  /** A key that waited when this worker began. */
  private restore(head: Waiting): void {
    const lane = this.lanes.of(head.key);
    const { id, revision, part, position, attempts, firstAt: since } = head;
    this.lanes.block(lane, { id, revision, part, position, attempts, since }, head.dueIn);
  }

  private async sendFirst(lane: Lane): Promise<void> {
    const [first] = lane.queue;
    if (!first) return;
    const { message, done } = first;
    const tried = await this.parts.sending.send(message, this.cut.signal);
    if (tried.kind === 'stopped') return;
    if (tried.kind === 'delivered') {
      lane.queue.shift();
      this.inMemory -= 1;
      this.writer.note({ kind: 'delivered', message, attempts: 1, tried: tried.note });
      done();
      return;
    }
    // What has queued up behind it is left to the key's stream; the place in the log stays until the head is written.
    const behind = lane.queue.splice(0);
    this.inMemory -= behind.length;
    await this.failed(lane, message, { attempts: 1, since: this.parts.clock() }, tried, () => {
      for (const each of behind) each.done();
    });
  }

  /** Tries a waiting key's head; what has come behind it is the next one to wait. */
  private async goOn(lane: Lane, head: Head): Promise<void> {
    const message = await this.streams.first(lane.key, head, later(this.seen, head.position));
    if (message?.id !== head.id) {
      // It is not wanted any more: the webhook was updated since, or its contract is not published now.
      await this.handOn(lane, { kind: 'superseded', message: head }, head);
      return;
    }
    const attempts = head.attempts + 1;
    const tried = await this.parts.sending.send(message, this.cut.signal);
    if (tried.kind === 'stopped') return;
    if (tried.kind !== 'delivered') {
      await this.failed(lane, message, { attempts, since: head.since }, tried);
      return;
    }
    // The log may not have been looked at so far since this worker began.
    if (message.position > this.seen) this.through.add(message.id);
    const note: Note = { kind: 'delivered', message, attempts, tried: tried.note };
    await this.handOn(lane, note, { ...head, part: head.part + 1 });
  }

  /**
   * Has the next message of a key wait in the place of one that is done with, in one write: between two the place in the
   * log would be past a message of which nothing is written. What lies behind the part of the log that was looked at
   * comes with the log, which says so by `hasMore`.
   */
  private async handOn(lane: Lane, note: Note, from: Place): Promise<void> {
    let following: Outgoing | undefined;
    do {
      lane.hasMore = false;
      following = await this.streams.first(lane.key, from, later(this.seen, from.position));
    } while (!following && lane.hasMore);
    // From that look to the end nothing else runs: what is taken in from now on finds the key free or waiting.
    this.writer.note(note);
    if (!following) {
      this.lanes.unblock(lane);
      return;
    }
    this.writer.note({ kind: 'waits', message: following, attempts: 0, wait: 0, tried: {} });
    const { id, revision, part, position } = following;
    lane.head = { id, revision, part, position, attempts: 0, since: this.parts.clock() };
    lane.isDue = true;
  }

  private async failed(
    lane: Lane,
    message: Outgoing,
    { attempts, since }: { readonly attempts: number; readonly since: number },
    { kind, note, retryAfter }: { readonly kind: string; readonly note: Tried; readonly retryAfter?: number },
    written?: () => void,
  ): Promise<void> {
    const { policy, random, clock, giveUp } = this.parts;
    const wait = waitAfter(policy, attempts, random(), retryAfter);
    const { id, revision, part, position } = message;
    this.lanes.block(lane, { id, revision, part, position, attempts, since }, wait);
    this.writer.note({ kind: 'waits', message, attempts, wait, tried: note }, written);
    const isOver = kind === 'failed' && clock() - since >= policy.giveUpAfter;
    if (kind !== 'gone' && !isOver) return;
    await giveUp(kind === 'gone' ? 'gone' : 'tries-exhausted');
    this.end();
  }

  private end(): void {
    this.ended.abort();
    this.changes.signal();
  }

  private fail(error: unknown): void {
    this.failure ??= error instanceof Error ? error : new Error(String(error));
    // Who has lost the lease has no time to lose.
    if (error instanceof LeaseLost) this.cut.abort();
    this.end();
  }
}

const later = (one: bigint, other: bigint): bigint => (one > other ? one : other);
