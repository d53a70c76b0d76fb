import type { RecordedEvent } from '@guanxi/kernel';
import type { Appended } from '@guanxi/event-store';
import { deserialise } from '@guanxi/event-store';
import type { PendingAppend } from './append-group';

/** An event that this process wrote, its data still the text that is stored. */
interface RecentEvent extends Omit<RecordedEvent, 'data'> {
  readonly text: string;
}

/** What is kept, in bytes: an event counts with its text and with what an object takes beside. */
const MOST_BYTES = 8_000_000;
const OBJECT_BYTES = 600;

/**
 * The last events that this process appended, so that readers who keep up need not ask the database for what was
 * just sent there. Positions have no gaps, so a run of them that begins behind a reader's position is exactly what
 * the database would answer; where another process wrote in between, the run begins anew.
 */
export class RecentEvents {
  private events: RecentEvent[] = [];
  /** Where the run begins in `events`: what stands before was dropped. */
  private start = 0;
  private bytes = 0;

  constructor(private readonly most = MOST_BYTES) {}

  /** Takes an append that is committed; appends come in the order of their positions. */
  add({ writes, data, metadata }: PendingAppend, { position, recordedAt, streams }: Appended): void {
    let next = position - BigInt(data.length) + 1n;
    if (this.events.at(-1)?.position !== next - 1n) this.clear();
    let index = 0;
    for (const [write, { events }] of writes.entries()) {
      const { stream = '', revision = 0 } = streams[write] ?? {};
      for (const [at, { id, type, occurredAt }] of events.entries()) {
        const text = data[index] ?? '';
        const own = revision - events.length + 1 + at;
        this.events.push({
          id,
          type,
          stream,
          revision: own,
          position: next,
          occurredAt,
          recordedAt,
          metadata,
          text,
        });
        this.bytes += sizeOf(text);
        index += 1;
        next += 1n;
      }
    }
    this.shrink();
  }

  /** Events behind `after`, at most `limit`; none when the next one is not among those kept. */
  behind(after: bigint, limit: number): readonly RecordedEvent[] {
    const first = this.events[this.start];
    if (!first || after + 1n < first.position) return [];
    const from = this.start + Number(after + 1n - first.position);
    return this.events.slice(from, from + limit).map(toRecorded);
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

  private clear(): void {
    this.events = [];
    this.start = 0;
    this.bytes = 0;
  }
}

const sizeOf = (text = ''): number => text.length + OBJECT_BYTES;

function toRecorded(event: RecentEvent): RecordedEvent {
  const { id, type, stream, revision, position, occurredAt, recordedAt, metadata, text } = event;
  return { id, type, stream, revision, position, occurredAt, recordedAt, data: deserialise(text), metadata };
}
