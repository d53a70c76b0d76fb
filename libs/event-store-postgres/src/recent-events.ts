import type { RecordedEvent } from '@guanxi/kernel';
import type { Appended } from '@guanxi/event-store';
import { deserialise } from '@guanxi/event-store';
import { parseInstant } from '@guanxi/kernel';
import type { PendingAppend } from './pending-append';
import { toMetadata } from './rows';

/** An event that this process wrote, its data still the text that is stored. */
interface RecentEvent extends Omit<RecordedEvent, 'data'> {
  readonly text: string;
}

/** What is kept, in bytes: an event counts with its text and with what an object takes beside. */
const MOST_BYTES = 8_000_000;
const OBJECT_BYTES = 600;
/** Appends of one group: with two under way no more can be told of too early. */
const MOST_EARLY = 128;

/**
 * The last events that this process appended, so that readers who keep up need not ask the database for what was
 * just sent there. Positions have no gaps, so a run of them that begins behind a reader's position is exactly what
 * the database would answer; where another process wrote in between, the run begins anew.
 *
 * Nothing is kept while nobody asks: objects that live for a while are what the garbage collector stops appends for.
 */
export class RecentEvents {
  private events: RecentEvent[] = [];
  /** Where the run begins in `events`: what stands before was dropped. */
  private start = 0;
  private bytes = 0;
  /** Appends whose place is not reached yet, by their first position. */
  private readonly early = new Map<bigint, readonly RecentEvent[]>();
  private earlyBytes = 0;
  /** What was added since somebody asked: after a whole turn nobody follows. */
  private unasked = Infinity;

  constructor(private readonly most = MOST_BYTES) {}

  /** Takes an append that is committed. Of groups under way together one may be told of before the one in front of it. */
  add(pending: PendingAppend, appended: Appended): void {
    if (this.unasked > this.most) return;
    this.unasked += pending.bytes;
    if (this.unasked > this.most) {
      this.clear();
      return;
    }
    const events = recentEvents(pending, appended);
    const [first] = events;
    if (!first) return;
    const next = this.next;
    if (next === undefined || first.position === next) {
      this.push(events);
      this.pushEarly();
    } else if (first.position > next && this.hasRoomForEarly()) this.addEarly(first.position, events);
    else this.beginWith(events);
    this.shrink();
  }

  /** Events behind `after`, at most `limit`; none when the next one is not among those kept. */
  behind(after: bigint, limit: number): readonly RecordedEvent[] {
    this.unasked = 0;
    const first = this.events[this.start];
    if (!first || after + 1n < first.position) return [];
    const from = this.start + Number(after + 1n - first.position);
    return this.events.slice(from, from + limit).map(toRecorded);
  }

  /** The position that the run goes on with; undefined when there is none. */
  private get next(): bigint | undefined {
    const last = this.events.at(-1)?.position;
    return last === undefined ? undefined : last + 1n;
  }

  private push(events: readonly RecentEvent[]): void {
    this.events.push(...events);
    this.bytes += bytesOf(events);
  }

  private hasRoomForEarly(): boolean {
    return this.early.size < MOST_EARLY && this.earlyBytes < this.most;
  }

  private addEarly(position: bigint, events: readonly RecentEvent[]): void {
    this.early.set(position, events);
    this.earlyBytes += bytesOf(events);
  }

  private pushEarly(): void {
    for (let next = this.next; next !== undefined; next = this.next) {
      const events = this.early.get(next);
      if (!events) return;
      this.early.delete(next);
      this.earlyBytes -= bytesOf(events);
      this.push(events);
    }
  }

  /** What came early and never found what belongs in front of it was in front of what another process wrote. */
  private beginWith(events: readonly RecentEvent[]): void {
    this.clear();
    this.push(events);
  }

  private clear(): void {
    this.events = [];
    this.start = 0;
    this.bytes = 0;
    this.early.clear();
    this.earlyBytes = 0;
  }

  private shrink(): void {
    while (this.bytes > this.most && this.start < this.events.length) {
      this.bytes -= sizeOf(this.events[this.start]?.text);
      this.start += 1;
    }
    if (this.start * 2 < this.events.length) return;
    this.events = this.events.slice(this.start);
    this.start = 0;
  }
}

/** Events as the database would answer them, whatever the writer does with what it handed over. */
function recentEvents(
  { writes, data, metadataText }: PendingAppend,
  { position, recordedAt, streams }: Appended,
): readonly RecentEvent[] {
  const recent: RecentEvent[] = [];
  const metadata = toMetadata(metadataText);
  let next = position - BigInt(data.length) + 1n;
  for (const [write, { events }] of writes.entries()) {
    const { stream = '', revision: last = 0 } = streams[write] ?? {};
    for (const [at, event] of events.entries()) {
      const { type } = event;
      const id = event.id.toLowerCase();
      const occurredAt = parseInstant(event.occurredAt);
      const revision = last - events.length + 1 + at;
      const text = data[recent.length] ?? '';
      recent.push({ id, type, stream, revision, position: next, occurredAt, recordedAt, metadata, text });
      next += 1n;
    }
  }
  return recent;
}

const sizeOf = (text = ''): number => text.length + OBJECT_BYTES;

const bytesOf = (events: readonly RecentEvent[]): number =>
  events.reduce((sum, { text }) => sum + sizeOf(text), 0);

function toRecorded(event: RecentEvent): RecordedEvent {
  const { id, type, stream, revision, position, occurredAt, recordedAt, metadata, text } = event;
  return { id, type, stream, revision, position, occurredAt, recordedAt, data: deserialise(text), metadata };
}
