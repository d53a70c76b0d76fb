import { setTimeout as pause } from 'node:timers/promises';
import type { AllStreamSubscription } from '@kurrent/kurrentdb-client';
import { START } from '@kurrent/kurrentdb-client';
import type { ReadAllOptions, SubscriptionMessage } from '@guanxi/event-store';
import type { Connection } from './connection';
import { failureOf, spoils } from './failures';
import { passes, subscriptionFilter } from './filters';
import type { Found, KurrentRecord } from './record-codec';
import { toWaiting } from './record-codec';
import type { RecordedTimes } from './recorded-times';

type Options = Required<Pick<ReadAllOptions, 'after' | 'pageSize'>> &
  ReadAllOptions & { readonly signal: AbortSignal };

const FIRST_PAUSE_MILLISECONDS = 100;
const LONGEST_PAUSE_MILLISECONDS = 5_000;

/** What a subscription of the client says, in the order in which it said it. */
type Said =
  | { readonly kind: 'event'; readonly found: Found }
  | { readonly kind: 'checkpoint'; readonly position: bigint }
  | { readonly kind: 'caught-up' };

/**
 * Follows the log until `signal` aborts. A subscription that the server ends or loses is taken up again behind the last
 * position delivered, after a pause that grows to 5 s as long as it fails.
 * @throws DomainError `event-store.access-denied` and others that another try would not mend
 */
export async function* subscribe(
  connection: Connection,
  times: RecordedTimes,
  options: Options,
): AsyncGenerator<SubscriptionMessage> {
  const { signal } = options;
  let position = options.after;
  let wait = FIRST_PAUSE_MILLISECONDS;
  let stamp: Awaited<ReturnType<RecordedTimes['inOrder']>> | undefined;
  while (!signal.aborted) {
    const lease = connection.hold();
    const { client } = lease;
    try {
      stamp ??= await times.inOrder(position);
      for await (const { records, to, live } of batches(client, { ...options, after: position })) {
        wait = FIRST_PAUSE_MILLISECONDS;
        if (to > position) {
          position = to;
          yield { kind: 'events', events: await stamp(records), position };
        }
        if (live) yield { kind: 'live', position };
        if (signal.aborted) return;
      }
    } catch (error) {
      const failure = failureOf(error);
      if (failure.kind === 'refused' && !isAway(failure.error)) throw failure.error;
      if (spoils(failure)) connection.renew(client);
    } finally {
      lease.release();
    }
    await pause(wait, undefined, { signal }).catch(() => undefined);
    wait = Math.min(wait * 2, LONGEST_PAUSE_MILLISECONDS);
  }
}

const isAway = (error: Error): boolean => 'code' in error && error.code === 'event-store.unavailable';

interface Batch {
  readonly records: readonly KurrentRecord[];
  /** How far was looked. */
  readonly to: bigint;
  /** Whether nothing lay behind it. */
  readonly live: boolean;
}

/** One subscription of the client, in batches of what is there, until it ends. */
async function* batches(client: Connection['client'], options: Options): AsyncGenerator<Batch> {
  const { after, filter, pageSize, signal } = options;
  const channel = new Channel((checkpointReached) =>
    client.subscribeToAll(
      {
        fromPosition: after === 0n ? START : { commit: after, prepare: after },
        filter: subscriptionFilter(filter, checkpointReached),
        requiresLeader: true,
      },
      { highWaterMark: Math.min(pageSize, MOST_WAITING) },
    ),
  );
  const stop = (): void => {
    channel.stop();
  };
  signal.addEventListener('abort', stop, { once: true });
  if (signal.aborted) stop();
  try {
    let records: KurrentRecord[] = [];
    let to = after;
    for await (const said of channel.said()) {
      if (said.kind === 'event') {
        const { position, record } = said.found;
        to = position > to ? position : to;
        if (record && passes(record, filter)) records.push(record);
      } else if (said.kind === 'checkpoint' && said.position > to) to = said.position;
      const live = said.kind === 'caught-up';
      const full = records.length >= pageSize;
      if (!live && !full && (channel.waiting > 0 || !endsAnAppend(records, filter))) continue;
      yield { records, to, live };
      records = [];
    }
  } finally {
    signal.removeEventListener('abort', stop);
    channel.stop();
  }
}

/** Events that the client may hold ready for a slow reader. */
const MOST_WAITING = 64;

/** Whether the last event is the last of its append; with a filter the last may be one that is not wanted. */
function endsAnAppend(records: readonly KurrentRecord[], filter: Options['filter']): boolean {
  const part = records.at(-1)?.part;
  return filter !== undefined || part === undefined || part.index === part.count;
}

/**
 * A subscription of the client, read by hand. Its word of checkpoints and of having caught up comes as soon as it is
 * received, before events that still wait to be read: here each takes its place behind those. Nothing is read ahead, so
 * that a reader who is slow stops the stream.
 */
class Channel {
  private readonly subscription: AllStreamSubscription;
  private readonly marks: { readonly behind: number; readonly said: Said }[] = [];
  private read = 0;
  private failed: { readonly error: unknown } | undefined;
  private ended = false;
  private wake: () => void = () => undefined;

  constructor(
    open: (
      checkpointReached: (_: unknown, position: { commit: bigint }) => Promise<void>,
    ) => AllStreamSubscription,
  ) {
    this.subscription = open((_, { commit }) => {
      this.mark({ kind: 'checkpoint', position: commit });
      return Promise.resolve();
    });
    this.subscription
      .on('caughtUp', () => {
        this.mark({ kind: 'caught-up' });
      })
      .on('error', (error: unknown) => {
        this.failed ??= { error };
        this.wake();
      })
      .on('readable', () => {
        this.wake();
      })
      .on('end', () => {
        this.finish();
      })
      .on('close', () => {
        this.finish();
      });
  }

  /** What was received and not said yet. */
  get waiting(): number {
    return this.subscription.readableLength + this.marks.length;
  }

  async *said(): AsyncGenerator<Said> {
    for (;;) {
      const said = this.next();
      if (said) yield said;
      else if (this.failed) throw this.failed.error;
      else if (this.ended) return;
      else
        await new Promise<void>((resolve) => {
          this.wake = resolve;
        });
    }
  }

  stop(): void {
    if (!this.ended) void this.subscription.unsubscribe().catch(() => undefined);
    this.finish();
  }

  private finish(): void {
    this.ended = true;
    this.wake();
  }

  private mark(said: Said): void {
    this.marks.push({ behind: this.read + this.subscription.readableLength, said });
    this.wake();
  }

  private next(): Said | undefined {
    const [mark] = this.marks;
    if (mark && mark.behind <= this.read) {
      this.marks.shift();
      return mark.said;
    }
    const found = toWaiting(this.subscription.read());
    if (!found) return undefined;
    this.read += 1;
    return { kind: 'event', found };
  }
}
