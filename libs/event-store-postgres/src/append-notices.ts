import { setTimeout as pause } from 'node:timers/promises';
import type { Pool } from 'pg';
import type { Wakeup } from '@guanxi/event-store';

const CHANNEL = 'guanxi_events';
const REST_MILLISECONDS = 25;

/**
 * Tells readers in other processes that something was written. A notification inside each append would halve
 * the rate of appends, so they are sent on their own, at most one at a time; the poll of readers backs them up.
 */
export class AppendNotices {
  /** Gives the connection back that listens. */
  private listener: (() => void) | undefined;
  /** One connection listens, however many readers ask for it at once. */
  private listening: Promise<void> | undefined;
  private sending: Promise<void> | undefined;
  private again = false;
  private readonly closing = new AbortController();

  constructor(
    private readonly pool: Pool,
    private readonly wakeup: Wakeup,
  ) {}

  private get closed(): boolean {
    return this.closing.signal.aborted;
  }

  /** Announces an append: readers here at once, those elsewhere with the next notification. */
  announce(): void {
    this.wakeup.signal();
    this.again = true;
    this.sending ??= this.send();
  }

  /** Starts to listen for other processes' appends; a lost connection is made again by the next call. */
  async listen(): Promise<void> {
    if (this.listener || this.closed) return;
    this.listening ??= this.connect().finally(() => {
      this.listening = undefined;
    });
    await this.listening;
  }

  async close(): Promise<void> {
    this.closing.abort();
    await this.sending;
    await this.listening?.catch(() => undefined);
    this.listener?.();
  }

  private async connect(): Promise<void> {
    const client = await this.pool.connect();
    let isHeld = true;
    const letGo = (): void => {
      if (!isHeld) return;
      isHeld = false;
      if (this.listener === letGo) this.listener = undefined;
      client.removeAllListeners('notification');
      client.release(true);
    };
    client.on('notification', () => {
      this.wakeup.signal();
    });
    client.on('error', letGo);
    try {
      await client.query(`listen ${CHANNEL}`);
      if (isHeld) this.listener = letGo;
    } catch (error) {
      letGo();
      throw error;
    }
  }

  private async send(): Promise<void> {
    while (this.again) {
      this.again = false;
      try {
        await this.pool.query(`notify ${CHANNEL}`);
      } catch {
        // A reader elsewhere then sees the append with its next poll.
      }
      // Readers elsewhere take what came in the meantime with one word; a word for each append would cost as much as it.
      if (!this.closed) await this.rest();
    }
    this.sending = undefined;
  }

  private async rest(): Promise<void> {
    await pause(REST_MILLISECONDS, undefined, { signal: this.closing.signal }).catch(() => undefined);
  }
}
