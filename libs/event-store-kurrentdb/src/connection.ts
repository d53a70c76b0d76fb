import { setTimeout as pause } from 'node:timers/promises';
import { KurrentDBClient } from '@kurrent/kurrentdb-client';
import { invalid } from '@guanxi/kernel';
import { NoAnswer } from './failures';
import type { KurrentSettings } from './settings';

interface Leased {
  readonly client: KurrentDBClient;
  users: number;
}

/**
 * The client in use. A client that failed is left behind, as it keeps what failed (a lost channel, a discovery, a node
 * that is no longer the leader); it is disposed of when nobody uses it any more, as that would end the calls of others.
 */
export class Connection {
  private current: Leased;
  private readonly left = new Set<Leased>();

  constructor(readonly settings: KurrentSettings) {
    this.current = this.open();
  }

  /** The client of the moment: what `renew` is told of when a call on it fails. */
  get client(): KurrentDBClient {
    return this.current.client;
  }

  /** Runs one call, at most for `milliseconds` (default: the deadline of the connection string). */
  async call<T>(
    work: (client: KurrentDBClient) => Promise<T>,
    milliseconds = this.settings.deadline,
  ): Promise<T> {
    const lease = this.current;
    lease.users += 1;
    try {
      return await within(milliseconds, work(lease.client));
    } finally {
      this.release(lease);
    }
  }

  /** Keeps the current client from being disposed of until the returned function is called. */
  hold(): { readonly client: KurrentDBClient; release(): void } {
    const lease = this.current;
    lease.users += 1;
    return {
      client: lease.client,
      release: () => {
        this.release(lease);
      },
    };
  }

  /** Takes a new client, unless somebody did so already since `failed` was in use. */
  renew(failed: KurrentDBClient): void {
    if (this.current.client !== failed) return;
    const old = this.current;
    this.current = this.open();
    if (old.users === 0) void old.client.dispose();
    else this.left.add(old);
  }

  async close(): Promise<void> {
    const clients = [this.current, ...this.left].map(({ client }) => client.dispose());
    // Streams that a silent server holds open must not hold up the end.
    await within(this.settings.deadline, Promise.allSettled(clients)).catch(() => undefined);
  }

  private release(lease: Leased): void {
    lease.users -= 1;
    if (lease.users === 0 && this.left.delete(lease)) void lease.client.dispose();
  }

  private open(): Leased {
    try {
      return { client: KurrentDBClient.connectionString(this.settings.connectionString), users: 0 };
    } catch {
      // The client's own message quotes the string, password and all.
      throw invalid(
        'event-store.connection-string',
        'the KurrentDB connection string cannot be read, or names a file that is not there',
      );
    }
  }
}

/** The client leaves a lost channel, and turns to a leader that it was told of, a moment after it has thrown. */
export const settled = (): Promise<void> => pause(SETTLE_MILLISECONDS);

const SETTLE_MILLISECONDS = 20;

/**
 * The outcome of `work`, if it comes in time. Not all calls of the client end by themselves: reads have no deadline,
 * and an append waits for an answer on a stream that has none either.
 * @throws NoAnswer
 */
export async function within<T>(milliseconds: number, work: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new NoAnswer(milliseconds));
    }, milliseconds);
  });
  try {
    return await Promise.race([work, late]);
  } finally {
    clearTimeout(timer);
  }
}
