import { LRUCache } from 'lru-cache';
import type { Instant } from '@guanxi/kernel';
import { instantOf, parseInstant, plusMilliseconds } from '@guanxi/kernel';
import type { RecordedEvent } from '@guanxi/kernel';
import type { LogReader } from './log-reader';
import type { KurrentRecord } from './record-codec';
import { toRecordedEvent } from './record-codec';

/** Before the first event. */
export const BEGINNING: Instant = parseInstant('0001-01-01T00:00:00.000Z');

/** How far the leaders' clocks may be apart while writers do not know of each other's last events. */
const CLOCK_TOLERANCE_MILLISECONDS = 60_000;

const KEPT = 10_000;
const PAGE = 500;
const LOOK_BACK = 32;
const LOOKUPS_AT_ONCE = 8;

/**
 * When events count as recorded. KurrentDB notes the leader's clock with each event: it may go backwards, above all
 * when the leader changes, and it moves on within an append. The port promises one moment an append, never going back:
 *
 * - an append was recorded when its first event was created,
 * - but not before the latest moment that its writer had seen, which the writer put into each event's metadata,
 * - and, for who reads the log in order, not before anything that he has read: the running maximum.
 *
 * The second makes all ways of reading agree. The third is left for two writers that do not know of each other's last
 * events while a clock is set back: there a stream read by itself may show the earlier of two moments.
 */
export class RecordedTimes {
  /** The latest moment seen: no event that is written from now on is recorded before it. */
  private latest = BEGINNING;
  /** When the append was recorded whose event lies at a position, where that is not its first. */
  private readonly firstOf = new LRUCache<bigint, Instant>({ max: KEPT });
  /** Running maxima at places where readers stopped. */
  private readonly marks = new LRUCache<bigint, Instant>({ max: KEPT });
  private readonly answers = new LRUCache<Instant, bigint>({ max: KEPT });

  constructor(private readonly reader: LogReader) {}

  /** The latest moment seen by this process. */
  get floor(): Instant {
    return this.latest;
  }

  /** Notes a moment that was seen. */
  observe(instant: Instant): void {
    if (instant > this.latest) this.latest = instant;
  }

  /** When the append of each event was recorded; the events of one read, in any order that keeps appends together. */
  async stamp(records: readonly KurrentRecord[]): Promise<readonly RecordedEvent[]> {
    const stamped: (Instant | undefined)[] = [];
    let missing: number[] = [];
    for (const [index, record] of records.entries()) {
      stamped.push(this.known(record, records[index - 1], stamped[index - 1]));
      if (stamped[index] === undefined) missing.push(index);
    }
    while (missing.length > 0) {
      const some = missing.slice(0, LOOKUPS_AT_ONCE);
      await Promise.all(
        some.map(async (index) => {
          const record = records[index];
          if (record) stamped[index] = await this.lookUp(record);
        }),
      );
      missing = missing.slice(some.length);
    }
    return records.map((record, index) => {
      const instant = stamped[index] ?? ownMoment(record);
      this.observe(instant);
      return toRecordedEvent(record, instant);
    });
  }

  /** Stamps events of the log in order and keeps their running maximum from page to page. */
  async inOrder(
    after: bigint,
  ): Promise<(records: readonly KurrentRecord[]) => Promise<readonly RecordedEvent[]>> {
    let highest = await this.highestAt(after);
    return async (records) => {
      const events = (await this.stamp(records)).map((event) => {
        if (event.recordedAt > highest) highest = event.recordedAt;
        return event.recordedAt === highest ? event : { ...event, recordedAt: highest };
      });
      const last = events.at(-1);
      if (last) this.marks.set(last.position, highest);
      return events;
    };
  }

  /**
   * The last position whose running maximum is not later than `instant`; 0 before the first event. Positions cannot
   * be halved, so the log is read backwards: from its head, or from the nearest place behind where a reader stopped,
   * until events are earlier than `instant` by more than clocks may be apart.
   */
  async positionAt(instant: Instant): Promise<bigint> {
    const before = this.answers.get(instant);
    if (before !== undefined) return before;
    const enough = plusMilliseconds(instant, -CLOCK_TOLERANCE_MILLISECONDS);
    let from = this.nearestMark(instant);
    let later = from !== undefined;
    let answer: bigint | undefined;
    let cut: readonly KurrentRecord[] = [];
    for (;;) {
      const page = await this.reader.log({
        ...(from !== undefined && { from }),
        backwards: true,
        limit: PAGE,
      });
      const records = [...cut, ...page.flatMap(({ record }) => record ?? [])];
      const atTheStart = page.length < PAGE;
      // An append is looked at when its first event is there.
      const whole = atTheStart ? records.length : records.findLastIndex(({ part }) => part.index === 1) + 1;
      for (const append of appendsOf(records.slice(0, whole))) {
        const [last] = append;
        const moment = momentOf(append);
        if (moment > instant) {
          later = true;
          answer = undefined;
        } else answer ??= last?.position;
        if (moment <= enough && answer !== undefined) return this.keep(instant, answer, later);
      }
      cut = records.slice(whole);
      from = page.at(-1)?.position;
      if (atTheStart) return this.keep(instant, answer ?? 0n, later);
    }
  }

  /** What lies behind an event that is later than `instant` cannot change the answer. */
  private keep(instant: Instant, answer: bigint, later: boolean): bigint {
    if (later) this.answers.set(instant, answer);
    return answer;
  }

  private nearestMark(instant: Instant): bigint | undefined {
    let nearest: bigint | undefined;
    for (const [position, highest] of this.marks.entries()) {
      if (highest > instant && (nearest === undefined || position < nearest)) nearest = position;
    }
    return nearest;
  }

  private known(
    record: KurrentRecord,
    previous: KurrentRecord | undefined,
    moment: Instant | undefined,
  ): Instant | undefined {
    if (record.part.index === 1) return ownMoment(record);
    if (previous && moment !== undefined && follows(record, previous)) return moment;
    return this.firstOf.get(record.position);
  }

  /** The events of an append lie one behind the other, so its first is found by their number. */
  private async lookUp(record: KurrentRecord): Promise<Instant> {
    const back = record.part.index - 1;
    const before = await this.reader.log({ from: record.position, backwards: true, limit: back });
    const first = before[back - 1]?.record ?? record;
    const moment = ownMoment(first);
    this.firstOf.set(record.position, moment);
    return moment;
  }

  /** The running maximum at a position, as far as a look back shows it. */
  private async highestAt(after: bigint): Promise<Instant> {
    if (after === 0n) return BEGINNING;
    const kept = this.marks.get(after);
    if (kept !== undefined) return kept;
    const [here, before] = await Promise.all([
      this.reader.log({ from: after, limit: 1 }),
      this.reader.log({ from: after, backwards: true, limit: LOOK_BACK }),
    ]);
    const at = here.filter(({ position }) => position === after);
    const records = [...at, ...before].flatMap(({ record }) => record ?? []).reverse();
    const events = await this.stamp(records);
    return events.reduce(
      (highest, { recordedAt }) => (recordedAt > highest ? recordedAt : highest),
      BEGINNING,
    );
  }
}

/** Whether `record` is the event behind `previous` in one append. */
const follows = (record: KurrentRecord, previous: KurrentRecord): boolean =>
  record.part.append === previous.part.append && record.part.index === previous.part.index + 1;

/** When an append was recorded, as its first event says. */
function ownMoment({ created, notBefore }: KurrentRecord): Instant {
  const instant = instantOf(new Date(created));
  return instant > notBefore ? instant : notBefore;
}

/** The appends among records that were read backwards, each with its last event first. */
function* appendsOf(records: readonly KurrentRecord[]): Generator<readonly KurrentRecord[]> {
  let append: KurrentRecord[] = [];
  for (const record of records) {
    append.push(record);
    if (record.part.index > 1) continue;
    yield append;
    append = [];
  }
}

const momentOf = (append: readonly KurrentRecord[]): Instant => {
  const first = append.at(-1);
  return first ? ownMoment(first) : BEGINNING;
};
