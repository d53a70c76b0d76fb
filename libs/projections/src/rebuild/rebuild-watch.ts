import type { EventStore } from '@guanxi/event-store';
import type { Pool } from 'pg';
import type { RebuildEntry } from './rebuild-books';
import { noteProgress } from './rebuild-books';
import type { RebuildProgress } from './rebuild-progress';
import { PhaseMeter } from './rebuild-progress';

const BEAT_MILLISECONDS = 500;

/** Why a rebuild ends before it is done. */
export type Ending = 'pause' | 'cancel';

/** Notes how far a rebuild is, tells it on, and hears what is asked of it from outside. */
export class RebuildWatch {
  readonly meter = new PhaseMeter();
  /** Positions behind the end of the log; known while workers follow. */
  lag = 0;
  ended: Ending | undefined;
  failure: unknown;
  private readonly ending = new AbortController();
  private readonly timer: NodeJS.Timeout;
  private beating: Promise<void> | undefined;

  constructor(
    private readonly parts: { readonly pool: Pool; readonly store: Pick<EventStore, 'head'> },
    private readonly entry: Pick<RebuildEntry, 'generation' | 'upTo'>,
    private readonly watching: {
      readonly signal?: AbortSignal;
      readonly onProgress?: (progress: RebuildProgress) => void;
    },
    private readonly lost: AbortSignal,
  ) {
    if (watching.signal?.aborted === true) this.end('pause');
    watching.signal?.addEventListener('abort', this.onAbort);
    lost.addEventListener('abort', this.onLost);
    this.timer = setInterval(() => {
      this.beating ??= this.beat().finally(() => {
        this.beating = undefined;
      });
    }, BEAT_MILLISECONDS);
  }

  /** Aborted when the rebuild is to end, for whatever reason. */
  get signal(): AbortSignal {
    return this.ending.signal;
  }

  async stop(): Promise<void> {
    clearInterval(this.timer);
    this.watching.signal?.removeEventListener('abort', this.onAbort);
    this.lost.removeEventListener('abort', this.onLost);
    await this.beating;
  }

  private readonly onAbort = (): void => {
    this.end('pause');
  };

  private readonly onLost = (): void => {
    this.fail(this.lost.reason);
  };

  private end(how: Ending): void {
    this.ended ??= how;
    this.ending.abort();
  }

  private fail(error: unknown): void {
    this.failure ??= error;
    this.ending.abort();
  }

  private async beat(): Promise<void> {
    const { phase, done, total, rate, percent, secondsLeft } = this.meter;
    const { generation, upTo } = this.entry;
    try {
      const asked = await noteProgress(this.parts.pool, generation, { phase, done, total, rate });
      if (asked) this.end(asked);
      if (phase !== 'following') {
        const { position } = await this.parts.store.head();
        this.lag = Number(position - BigInt(upTo));
      }
      this.watching.onProgress?.({
        ...{ generation, phase, done, total, rate, secondsLeft },
        percent: Math.floor(percent),
        lag: this.lag,
      });
    } catch (error) {
      this.fail(error);
    }
  }
}
