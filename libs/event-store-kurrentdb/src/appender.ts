import type { EventMetadata } from '@guanxi/kernel';
import type { Appended, ExpectedRevision, StreamWrite } from '@guanxi/event-store';
import {
  WrongExpectedRevision,
  checkWrites,
  isAsExpected,
  refusedWrite,
  serialiseAll,
  unavailable,
} from '@guanxi/event-store';
import type { Prepared, Revisions } from './appending';
import { appendToOne, appendToSeveral, appendWithChecks, differInCaseAlone, prepare } from './appending';
import type { Connection } from './connection';
import { settled } from './connection';
import type { Failure, StreamState } from './failures';
import { failureOf, spoils } from './failures';
import type { LogReader } from './log-reader';
import { findByIds, findInPlace } from './outcomes';
import type { KurrentRecord } from './record-codec';
import type { RecordedTimes } from './recorded-times';

/** Of a try to append: where the last events of its parts lie, or why there are none. */
type Attempt = { readonly kind: 'written'; readonly revisions: Revisions } | Failure;

/**
 * Appends, and finds out what became of an append whose answer was lost.
 *
 * A second try carries the same ids and the expectations of the first, and is made only where nothing can be written
 * twice by it: when the first try reached nobody, or when each write expects `new` or a revision, for then KurrentDB
 * compares the ids with the stored events. With `any` and `exists` it compares them with the leader's memory alone:
 * there the streams are searched for the ids instead.
 */
export class Appender {
  constructor(
    private readonly connection: Connection,
    private readonly reader: LogReader,
    private readonly times: RecordedTimes,
  ) {}

  async append(writes: readonly StreamWrite[], metadata: EventMetadata): Promise<Appended> {
    checkWrites(writes);
    const { texts } = serialiseAll(writes);
    const prepared = prepare(writes, texts, metadata, this.times.floor);
    const first = await this.attempt(prepared);
    if (first.kind === 'elsewhere' || first.kind === 'moved' || first.kind === 'unreached') {
      return this.again(prepared);
    }
    if ((first.kind === 'lost' || first.kind === 'silent') && prepared.repeatable) {
      // Looked for first: a server that answers no read would not answer the append either.
      const found = await findInPlace(this.reader, prepared);
      return found ? this.answer(prepared, found) : this.again(prepared);
    }
    return this.settle(prepared, first);
  }

  private async again(prepared: Prepared): Promise<Appended> {
    await settled();
    return this.settle(prepared, await this.attempt(prepared));
  }

  /** One try; a client on which it failed for a reason of its own is not used again. */
  private async attempt(prepared: Prepared): Promise<Attempt> {
    const { client } = this.connection;
    try {
      return { kind: 'written', revisions: await this.send(prepared) };
    } catch (error) {
      if (error instanceof WrongExpectedRevision) throw error;
      const failure = failureOf(error);
      if (spoils(failure)) this.connection.renew(client);
      return failure;
    }
  }

  private async send(prepared: Prepared): Promise<Revisions> {
    const { parts, conditions } = prepared;
    const [only, ...others] = parts;
    if (conditions.length > 0) {
      const checked = await this.sendWithChecks(prepared);
      if (checked) return checked;
      await this.checkConditions(conditions);
    }
    if (only && others.length === 0) return this.connection.call((client) => appendToOne(client, only));
    return this.connection.call((client) => appendToSeveral(client, parts));
  }

  /** With the conditions checked by the server; undefined where it cannot. */
  private async sendWithChecks(prepared: Prepared): Promise<Revisions | undefined> {
    if (differInCaseAlone(prepared)) return undefined;
    try {
      return await this.connection.call((client) => appendWithChecks(client, prepared));
    } catch (error) {
      if (failureOf(error).kind === 'unsupported') return undefined;
      throw error;
    }
  }

  /**
   * Looks whether conditions hold, for servers before 26.1. Between this look and the append another writer may write
   * to a stream that is a condition: the window is one round trip, and only for streams that the append does not touch.
   */
  private async checkConditions(conditions: readonly StreamWrite[]): Promise<void> {
    for (const { stream, expected } of conditions) {
      const actual = await this.revisionOf(stream);
      if (!isAsExpected(expected, actual)) throw new WrongExpectedRevision(stream, expected, actual);
    }
  }

  /** The answer to the caller, found in the streams where the server gave none. */
  private async settle(prepared: Prepared, attempt: Attempt): Promise<Appended> {
    switch (attempt.kind) {
      case 'written':
        return this.answer(prepared, attempt.revisions);
      case 'conflict': {
        const earlier = prepared.repeatable ? await findInPlace(this.reader, prepared) : undefined;
        if (earlier) return this.answer(prepared, earlier);
        throw conflictOf(prepared, attempt.states);
      }
      case 'lost':
      case 'silent': {
        const found = await (prepared.repeatable ? findInPlace : findByIds)(this.reader, prepared);
        if (found) return this.answer(prepared, found);
        throw unavailable(attempt.reason);
      }
      case 'unsupported':
        throw refusedWrite(
          'several-streams-unsupported',
          `writing to several streams at once needs KurrentDB ${attempt.reason} or later`,
          { minimumVersion: attempt.reason },
        );
      case 'refused':
        throw attempt.error;
      default:
        throw unavailable(attempt.reason);
    }
  }

  /** Where the events lie and when they were recorded: KurrentDB says neither for certain, so they are read. */
  private async answer(prepared: Prepared, revisions: Revisions): Promise<Appended> {
    const { parts, conditions } = prepared;
    const [first, last] = await Promise.all([
      this.event(parts[0], revisions, 'first'),
      this.event(parts.at(-1), revisions, 'last'),
    ]);
    if (!first || !last) throw unavailable('the events that were written cannot be read back yet');
    const [stamped] = await this.times.stamp([first]);
    const held = await Promise.all(
      conditions.map(async ({ stream, expected }) => ({
        stream,
        revision: await this.heldAt(stream, expected),
      })),
    );
    return {
      repeated: last.part.append !== prepared.append,
      position: last.position,
      recordedAt: stamped?.recordedAt ?? this.times.floor,
      streams: prepared.writes.map(({ stream }) => ({
        stream,
        revision:
          revisions.get(stream) ?? held.find((condition) => condition.stream === stream)?.revision ?? -1,
      })),
    };
  }

  private async event(
    part: Prepared['parts'][number] | undefined,
    revisions: Revisions,
    which: 'first' | 'last',
  ): Promise<KurrentRecord | undefined> {
    const last = part && revisions.get(part.stream);
    if (!part || last === undefined) return undefined;
    const from = which === 'last' ? last : last - part.records.length + 1;
    const [record] = await this.reader.stream(part.stream, { from, limit: 1 });
    return record;
  }

  private async heldAt(stream: string, expected: ExpectedRevision): Promise<number> {
    if (expected === 'new') return -1;
    return typeof expected === 'number' ? expected : this.revisionOf(stream);
  }

  private async revisionOf(stream: string): Promise<number> {
    const [last] = await this.reader.stream(stream, { backwards: true, limit: 1 });
    return last?.revision ?? -1;
  }
}

/** The first write, in the caller's order, whose stream was not as expected. */
function conflictOf({ writes }: Prepared, states: readonly StreamState[]): Error {
  for (const { stream, expected } of writes) {
    const state = states.find((one) => one.stream === stream);
    if (state) return new WrongExpectedRevision(stream, expected, state.actual);
  }
  const [write] = writes;
  const [state] = states;
  return new WrongExpectedRevision(write?.stream ?? '', write?.expected ?? 'any', state?.actual ?? -1);
}
