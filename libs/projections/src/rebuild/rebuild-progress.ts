import type { RebuildPhase } from './rebuild-books';

/** Where a rebuild is. */
export interface RebuildProgress {
  readonly generation: string;
  readonly phase: RebuildPhase;
  /** Of the whole rebuild, 0 to 100. */
  readonly percent: number;
  /** Of `total` of the phase so much is done: positions read, events folded, statements run, positions behind. */
  readonly done: number;
  readonly total: number;
  /** Events a second in this phase. */
  readonly rate: number;
  /** Estimated; undefined as long as nothing can be said. */
  readonly secondsLeft: number | undefined;
  /** Positions between what the rebuilt tables hold, or will hold before workers follow, and the end of the log. */
  readonly lag: number;
}

/** Where in the whole each phase begins and ends, in hundredths; measured on the pipeline. */
const SHARES: Readonly<Record<RebuildPhase, readonly [from: number, to: number]>> = {
  reading: [0, 25],
  folding: [25, 85],
  indexing: [85, 99],
  following: [99, 100],
};

/** Counts what a phase has done, and how fast. */
export class PhaseMeter {
  done = 0;
  total = 0;
  /** Events of this phase since it began in this process. */
  events = 0;
  private phaseBegan = performance.now();
  private runBegan = performance.now();
  private firstPercent: number | undefined;

  constructor(public phase: RebuildPhase = 'reading') {}

  begin(phase: RebuildPhase, done: number, total: number): void {
    this.phase = phase;
    this.done = done;
    this.total = total;
    this.events = 0;
    this.phaseBegan = performance.now();
  }

  get rate(): number {
    const seconds = (performance.now() - this.phaseBegan) / 1_000;
    return seconds > 0 ? Math.round(this.events / seconds) : 0;
  }

  get percent(): number {
    const [from, to] = SHARES[this.phase];
    const part = this.total > 0 ? Math.min(1, this.done / this.total) : 0;
    return from + (to - from) * part;
  }

  get secondsLeft(): number | undefined {
    const { percent } = this;
    if (this.firstPercent === undefined) {
      this.firstPercent = percent;
      this.runBegan = performance.now();
      return undefined;
    }
    const gained = percent - this.firstPercent;
    if (gained <= 0) return undefined;
    const seconds = (performance.now() - this.runBegan) / 1_000;
    return Math.round((seconds * (100 - percent)) / gained);
  }
}
