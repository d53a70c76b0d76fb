import type { DueKey } from './delivery-book';
import type { Head } from './lane';
import { Lane } from './lane';

/** What keys are worked on with. */
export interface LanesParts {
  /** Keys that are worked on at a time. */
  readonly atOnce: number;
  /** Nothing is begun any more. */
  readonly ended: AbortSignal;
  /** Works on one message of a key. */
  readonly work: (lane: Lane) => Promise<void>;
  readonly failed: (error: unknown) => void;
  /** Work on a message has ended. */
  readonly changed: () => void;
}

const LONGEST_TIMER = 2 ** 31 - 1;

/** The keys of one webhook: which are worked on, which are next, and which wait until when. */
export class Lanes {
  private readonly all = new Map<string, Lane>();
  private readonly ready: Lane[] = [];
  private atWork = 0;
  private blocked = 0;

  constructor(private readonly parts: LanesParts) {}

  /** Keys that are worked on. */
  get active(): number {
    return this.atWork;
  }

  /** Keys that wait after a failure. */
  get waiting(): number {
    return this.blocked;
  }

  /** The lane of a key, a new one where there is none. */
  of(key: string): Lane {
    const known = this.all.get(key);
    if (known) return known;
    const made = new Lane(key);
    this.all.set(key, made);
    return made;
  }

  /** Has waiting keys tried now. @param due with how often each was tried, as written down */
  hurry(due: readonly DueKey[]): void {
    for (const { key, attempts } of due) {
      const lane = this.all.get(key);
      if (lane?.head?.attempts !== attempts || lane.isBusy) continue;
      lane.cancel();
      lane.isDue = true;
      this.makeReady(lane);
    }
  }

  /** Has a key wait with this message for so many milliseconds. */
  block(lane: Lane, head: Head, wait: number): void {
    if (!lane.head) this.blocked += 1;
    lane.head = head;
    lane.isDue = false;
    lane.timer = setTimeout(
      () => {
        lane.isDue = true;
        this.makeReady(lane);
      },
      Math.max(0, Math.min(wait, LONGEST_TIMER)),
    );
  }

  /** The key waits no more. */
  unblock(lane: Lane): void {
    if (lane.head) this.blocked -= 1;
    lane.head = undefined;
    lane.isDue = false;
  }

  /** Has a key worked on when its turn comes, if there is something to be done. */
  makeReady(lane: Lane): void {
    if (lane.isBusy || !lane.hasWork || this.parts.ended.aborted) return;
    lane.isBusy = true;
    this.ready.push(lane);
    this.pump();
  }

  /** No key is waited for any more. */
  cancel(): void {
    for (const lane of this.all.values()) lane.cancel();
  }

  private pump(): void {
    const { atOnce, ended, work, failed, changed } = this.parts;
    while (this.atWork < atOnce && !ended.aborted) {
      const lane = this.ready.shift();
      if (!lane) return;
      this.atWork += 1;
      // One message of a key, so that keys with many messages and keys with few take turns.
      void work(lane)
        .catch(failed)
        .finally(() => {
          this.atWork -= 1;
          lane.isBusy = false;
          if (lane.isIdle) this.all.delete(lane.key);
          else this.makeReady(lane);
          changed();
          this.pump();
        });
    }
  }
}
