import type { RecordedEvent } from '@guanxi/kernel';
import type { OrderedStore } from './candidate';
import type { Place, Sighting } from './observations';

/** How long a reader rests between two laps. */
const REST_MILLISECONDS = 3;
/** A subscriber that has not seen the last append of all by then never will. */
const PATIENCE_MILLISECONDS = 15_000;

/** Readers and subscribers in one process, each with the store of that process. */
export class Followers {
  private readonly readers: Reader[] = [];
  private readonly subscribers: Subscriber[] = [];

  /** @param endId the event that is appended when all is done */
  constructor(
    private readonly store: OrderedStore,
    private readonly place: string,
    private readonly endId: string,
  ) {}

  /** One reader and one subscriber from behind a position. */
  start(after: bigint): void {
    const from = after === 0n ? 'from the start' : 'from the middle';
    this.readers.push(new Reader(this.store, `reader ${from}, ${this.place}`, after));
    this.subscribers.push(new Subscriber(this.store, `subscriber ${from}, ${this.place}`, after, this.endId));
  }

  /** Resolves when each reader has read once more all that there was to read. */
  async lap(): Promise<void> {
    await Promise.all(this.readers.map((reader) => reader.lap()));
  }

  /** A lap after which is noted how far each reader came. */
  async lapWhileOpen(): Promise<void> {
    await this.lap();
    for (const reader of this.readers) reader.note();
  }

  /** Has each see the end; @returns what each saw */
  async finish(): Promise<readonly Sighting[]> {
    await this.lap();
    const followers = [...this.readers, ...this.subscribers];
    await Promise.all(followers.map((follower) => follower.stop()));
    return followers.map((follower) => follower.sighting());
  }
}

/** Reads all that lies behind the last event it saw, again and again. */
class Reader {
  private readonly events: Place[] = [];
  private whileOpen: number | undefined;
  private readonly waiting: { readonly since: number; readonly resolve: () => void }[] = [];
  private laps = 0;
  private stopped = false;
  private readonly reading: Promise<void>;

  constructor(
    private readonly store: OrderedStore,
    private readonly name: string,
    private readonly after: bigint,
  ) {
    this.reading = this.read();
    // Whoever waits for the end hears of an error; until somebody does, it must not end the process.
    this.reading.catch(() => undefined);
  }

  /** The lap under way may have looked before the call: it does not count. */
  async lap(): Promise<void> {
    const done = new Promise<void>((resolve) => this.waiting.push({ since: this.laps, resolve }));
    await Promise.race([done, this.reading]);
  }

  note(): void {
    this.whileOpen = this.events.length;
  }

  async stop(): Promise<void> {
    this.stopped = true;
    await this.reading;
  }

  sighting(): Sighting {
    return { follower: this.name, after: this.after, events: this.events, whileOpen: this.whileOpen };
  }

  private async read(): Promise<void> {
    let after = this.after;
    while (!this.stopped) {
      for await (const page of this.store.readAll({ after, pageSize: 250 })) {
        this.events.push(...page.map(placeOf));
        after = page.at(-1)?.position ?? after;
      }
      this.laps += 1;
      const done = this.waiting.filter(({ since }) => this.laps >= since + 2);
      for (const waiting of done) {
        this.waiting.splice(this.waiting.indexOf(waiting), 1);
        waiting.resolve();
      }
      await new Promise((resolve) => setTimeout(resolve, REST_MILLISECONDS));
    }
  }
}

/** Follows a subscription until it has seen the last append of all. */
class Subscriber {
  private readonly events: Place[] = [];
  private readonly abort = new AbortController();
  private readonly following: Promise<void>;

  constructor(
    private readonly store: OrderedStore,
    private readonly name: string,
    private readonly after: bigint,
    private readonly endId: string,
  ) {
    this.following = this.follow();
    this.following.catch(() => undefined);
  }

  async stop(): Promise<void> {
    const patience = setTimeout(() => {
      this.abort.abort();
    }, PATIENCE_MILLISECONDS);
    await this.following;
    clearTimeout(patience);
  }

  sighting(): Sighting {
    return { follower: this.name, after: this.after, events: this.events, whileOpen: undefined };
  }

  private async follow(): Promise<void> {
    const options = { after: this.after, pageSize: 100, signal: this.abort.signal };
    for await (const message of this.store.subscribe(options)) {
      if (message.kind !== 'events') continue;
      this.events.push(...message.events.map(placeOf));
      if (message.events.some(({ id }) => id === this.endId)) return;
    }
  }
}

const placeOf = ({ id, stream, revision, position, recordedAt }: RecordedEvent): Place => ({
  ...{ id, stream, revision, position, recordedAt },
});
