/** What one actor does over time: each value is the moment (epoch ms) at which it wants to go on. */
export type Process = Generator<number, void, void>;

interface Entry {
  readonly at: number;
  /** Of entries for one moment, the one that was entered first comes first. */
  readonly order: number;
  readonly process: Process;
}

/** Processes by the moment at which they go on (a binary heap). */
export class Agenda {
  private readonly heap: Entry[] = [];
  private entered = 0;

  add(at: number, process: Process): void {
    const entry = { at, order: this.entered, process };
    this.entered += 1;
    let place = this.heap.push(entry) - 1;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.heap[above];
      if (parent === undefined || !before(entry, parent)) break;
      this.heap[place] = parent;
      place = above;
    }
    this.heap[place] = entry;
  }

  /** Takes the next one out. */
  next(): Entry | undefined {
    const first = this.heap[0];
    const last = this.heap.pop();
    if (first === undefined || last === undefined || this.heap.length === 0) return first;
    let place = 0;
    for (;;) {
      const child = this.smallerChild(place);
      const entry = this.heap[child];
      if (entry === undefined || !before(entry, last)) break;
      this.heap[place] = entry;
      place = child;
    }
    this.heap[place] = last;
    return first;
  }

  private smallerChild(place: number): number {
    const left = 2 * place + 1;
    const [one, other] = [this.heap[left], this.heap[left + 1]];
    return one && other && before(other, one) ? left + 1 : left;
  }
}

const before = (a: Entry, b: Entry): boolean => a.at < b.at || (a.at === b.at && a.order < b.order);
