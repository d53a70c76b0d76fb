import type { Decider, Happened, Instant, RecordedEvent } from '@guanxi/kernel';
import { redatingOf, timeline } from '@guanxi/kernel';

/**
 * All events of a stream and the state that follows from them. Events that come in the order in which they were true
 * are folded one after the other; another order makes the whole be folded anew.
 */
export class History<S> {
  private readonly events: RecordedEvent[] = [];
  private folded: S;
  private latest: Instant | undefined;
  /** Estimated bytes that it takes. */
  size = 0;

  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a decider takes as an event is its own business
  constructor(private readonly decider: Decider<S, any>) {
    this.folded = decider.initial;
  }

  get state(): S {
    return this.folded;
  }

  /** Revision of the last event, -1 when there is none. */
  get revision(): number {
    return this.events.length - 1;
  }

  get last(): RecordedEvent | undefined {
    return this.events.at(-1);
  }

  /** The latest moment at which something happened to the stream. */
  get lastMoment(): Instant | undefined {
    return this.latest;
  }

  eventsOf(commandId: string): readonly RecordedEvent[] {
    return this.events.filter(({ metadata }) => metadata.commandId === commandId);
  }

  /** Takes the events that follow, in order of revision. */
  add(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      this.events.push(event);
      this.size += sizeOf(event.data) + EVENT_BYTES;
    }
    this.foldOn(events);
  }

  private follows({ data, occurredAt }: RecordedEvent): boolean {
    return redatingOf(data) === undefined && (this.latest === undefined || occurredAt >= this.latest);
  }

  private foldOn(events: readonly RecordedEvent[]): void {
    for (const event of events) {
      if (!this.follows(event)) {
        this.foldAnew();
        return;
      }
      this.folded = this.decider.evolve(this.folded, happened(event, event.occurredAt));
      this.latest = event.occurredAt;
    }
  }

  private foldAnew(): void {
    const placed = timeline(this.events);
    this.latest = placed.at(-1)?.at;
    this.folded = placed.reduce<S>(
      (state, { event, at }) =>
        redatingOf(event.data) ? state : this.decider.evolve(state, happened(event, at)),
      this.decider.initial,
    );
  }
}

/** What an event takes beside its data: coordinates and metadata. */
const EVENT_BYTES = 800;

/** Bytes that a JSON value takes, roughly. */
function sizeOf(value: unknown): number {
  if (typeof value === 'string') return 24 + value.length;
  if (typeof value !== 'object' || value === null) return 16;
  let size = 40;
  for (const inner of Object.values(value)) size += 16 + sizeOf(inner);
  return size;
}

/** An event of a stream as its decider knows it: a stream of a category holds that category's events alone. */
const happened = ({ type, data, revision }: RecordedEvent, at: Instant): Happened<object> =>
  Object.assign({ type, data }, { at, revision });
