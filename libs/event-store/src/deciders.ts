import type { CommandMeta, Decider, Decision, Instant, RecordedEvent } from '@guanxi/kernel';
import { conflict, invalid } from '@guanxi/kernel';
import { WrongExpectedRevision } from './errors';
import type { EventRegistry } from './event-registry';
import { History } from './history';
import { derivedId } from './ids';
import { deserialise, serialise } from './limits';
import { metadataOf } from './metadata';
import type { Outcome } from './outcome';
import { earlierOutcome, unchangedOutcome } from './outcome';
import type { Appended, EventStore, NewEvent, StreamWrite } from './port';
import { StreamCache } from './stream-cache';
import { Turns } from './turns';
import { UnchangedCommands } from './unchanged-commands';

/** What a decision may return: a type, its data, and when it happened if not at the command's own moment. */
export interface DecidedEvent {
  readonly type: string;
  readonly data: object;
  readonly at?: Instant;
}

/** How a command wants its stream to be treated. */
export interface TransactOptions {
  /** The revision that the caller saw (`If-Match`); any other is refused. */
  readonly expectedRevision?: number;
  /** True for commands that speak about the past: their events may lie before the stream's last one. */
  readonly mayPredate?: boolean;
  /** True for commands that open a stream: it is not read before it proves to be there. */
  readonly opens?: boolean;
  /** Policy version to note on the events. */
  readonly policyVersion?: number;
}

/** A stream that a command writes, and how its facts add up. */
export interface StreamPart<S> {
  readonly stream: string;
  // eslint-disable-next-line @typescript-eslint/no-explicit-any -- what a decider takes as an event is its own business
  readonly decider: Decider<S, any>;
}

/** A part of any kind of stream. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- states are handed back to who brought the decider
export type AnyPart = StreamPart<any>;

/** The states of streams, in their order. */
export type StatesOf<P extends readonly AnyPart[]> = {
  readonly [K in keyof P]: P[K] extends StreamPart<infer S> ? S : never;
};

/** What a decision over several streams returns: the events of each, in the order of the streams. */
export type DecisionAcross<P extends readonly AnyPart[]> = (
  states: StatesOf<P>,
) => readonly (readonly DecidedEvent[])[];

const ATTEMPTS = 5;

/** One stream of a command while it is being decided on. */
interface Loaded {
  readonly stream: string;
  readonly decider: AnyPart['decider'];
  readonly history: History<unknown>;
  /** True when the store was asked just now: then a refusal rests on what is, not on what was kept. */
  isFresh: boolean;
}

/**
 * Loads, folds, decides, appends; on a lost race reads on and decides again. Commands of this process for one
 * stream wait for each other, so that races are lost to other processes alone. Folded streams are kept, so that the
 * usual command is one append; whoever would be refused or change nothing on what is kept is decided anew on what is.
 */
export class Deciders {
  private readonly turns = new Turns();
  private readonly unchanged: UnchangedCommands;

  constructor(
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
    private readonly cache = new StreamCache(),
  ) {
    this.unchanged = new UnchangedCommands(store);
  }

  /**
   * Carries out one decision on one stream. A command that names no moment of its own (`at` is `now`) happens no
   * earlier than what others made happen to the stream in the meantime.
   * @throws DomainError what the decision throws; `command.reused-id` when the id came with other content;
   * `stream.revision` when the stream is not at the expected revision; `command.predates`; `command.contended`
   */
  async transact<S, E extends DecidedEvent>(
    stream: string,
    decider: Decider<S, E>,
    decision: Decision<S, E>,
    meta: CommandMeta,
    options: TransactOptions = {},
  ): Promise<Outcome> {
    const part: StreamPart<S> = { stream, decider };
    const [outcome] = await this.transactAcross([part], ([state]) => [decision(state)], meta, options);
    if (!outcome) throw new Error('a command on one stream has one outcome');
    return outcome;
  }

  /**
   * Carries out one decision on several streams, all or nothing; one outcome a stream. A stream for which nothing is
   * decided must stand as it was when the rest is written.
   * @throws DomainError as `transact`
   */
  transactAcross<const P extends readonly AnyPart[]>(
    parts: P,
    decide: DecisionAcross<P>,
    meta: CommandMeta,
    options: TransactOptions = {},
  ): Promise<readonly Outcome[]> {
    const streams = parts.map(({ stream }) => stream);
    // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- states are handed back in their own order
    const decideAny = decide as (states: readonly unknown[]) => readonly (readonly DecidedEvent[])[];
    return this.turns.take(streams, () => this.attempts(parts, decideAny, meta, options));
  }

  private async attempts(
    parts: readonly AnyPart[],
    decide: (states: readonly unknown[]) => readonly (readonly DecidedEvent[])[],
    meta: CommandMeta,
    options: TransactOptions,
  ): Promise<readonly Outcome[]> {
    const loaded = parts.map((part) => this.known(part));
    if (options.opens !== true) {
      const unread = loaded.filter(({ history }) => history.revision < 0);
      if (unread.length > 0) await Promise.all(unread.map((part) => this.readOn(part)));
    }
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      try {
        const outcomes = await this.attempt(loaded, decide, meta, options);
        if (outcomes) return outcomes;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
        if (this.unchanged.isAnswered(error, meta)) return [await this.unchanged.firstAnswer(meta)];
      }
      // A lost race, or a decision on what was kept: read on and decide again.
      for (const part of loaded) await this.readOn(part);
    }
    const [{ stream } = { stream: '' }] = parts;
    throw conflict('command.contended', `${stream} is being changed by too many others; try again`, {
      stream,
    });
  }

  /** Undefined when what was decided on may be old. @throws WrongExpectedRevision on a lost race */
  private async attempt(
    loaded: readonly Loaded[],
    decide: (states: readonly unknown[]) => readonly (readonly DecidedEvent[])[],
    meta: CommandMeta,
    options: TransactOptions,
  ): Promise<readonly Outcome[] | undefined> {
    const earlier = loaded.map(({ stream, history }) => earlierOutcome(stream, history, meta));
    if (earlier.some((outcome) => outcome !== undefined)) {
      return loaded.map(({ stream, history }, index) => earlier[index] ?? unchangedOutcome(stream, history));
    }
    const decided = this.decide(loaded, decide, meta, options);
    if (decided === undefined) return undefined;
    const { at, events } = decided;
    if (events.every((own) => own.length === 0)) return this.answerUnchanged(loaded, meta);
    return this.append(loaded, events, { ...meta, at }, options);
  }

  /** What a command brings about, and when; undefined where a refusal or no change would rest on what may be old. */
  private decide(
    loaded: readonly Loaded[],
    decide: (states: readonly unknown[]) => readonly (readonly DecidedEvent[])[],
    meta: CommandMeta,
    options: TransactOptions,
  ): { readonly at: Instant; readonly events: readonly (readonly DecidedEvent[])[] } | undefined {
    const isFresh = loaded.every((part) => part.isFresh);
    try {
      for (const part of loaded) checkRevision(part, options.expectedRevision);
      const at = options.mayPredate ? meta.at : momentAfter(meta, latestOf(loaded));
      const events = decide(loaded.map(({ history }) => history.state));
      return isFresh || events.some((own) => own.length > 0) ? { at, events } : undefined;
    } catch (error) {
      if (isFresh) throw error;
      return undefined;
    }
  }

  private async answerUnchanged(loaded: readonly Loaded[], meta: CommandMeta): Promise<readonly Outcome[]> {
    const outcomes = loaded.map(({ stream, history }) => unchangedOutcome(stream, history));
    const [first, ...others] = outcomes;
    if (!meta.isRepeatable || !first) return outcomes;
    return [await this.unchanged.answer(first, meta), ...others];
  }

  private async append(
    loaded: readonly Loaded[],
    decided: readonly (readonly DecidedEvent[])[],
    meta: CommandMeta,
    { opens, policyVersion = 0 }: TransactOptions,
  ): Promise<readonly Outcome[]> {
    const writes = loaded.map(({ stream, history: { revision } }, index): StreamWrite => ({
      stream,
      expected: revision < 0 ? 'new' : revision,
      events: (decided[index] ?? []).map((event, number) => this.newEvent(stream, event, number, meta)),
    }));
    const metadata = metadataOf(meta, policyVersion);
    // A command that opens a stream always changes something: it is never answered as unchanged.
    const conditions = meta.isRepeatable && !opens ? [this.unchanged.conditionOf(meta)] : [];
    const appended = await this.store.append([...writes, ...conditions], metadata);
    if (appended.repeated) return this.answerRepeat(loaded, meta);
    return loaded.map((part, index): Outcome => {
      const events = writes[index]?.events ?? [];
      if (events.length === 0) return unchangedOutcome(part.stream, part.history);
      const revision = part.history.revision + events.length;
      this.keepOn(part, events, appended, metadata, opens === true);
      return {
        status: 'accepted',
        stream: part.stream,
        revision,
        position: appended.position,
        events: events.map(({ type }) => type),
        repeated: false,
      };
    });
  }

  /** The events were there: the streams tell what they answered, and whether the command is the same. */
  private async answerRepeat(loaded: readonly Loaded[], meta: CommandMeta): Promise<readonly Outcome[]> {
    for (const part of loaded) await this.readOn(part);
    return loaded.map(
      ({ stream, history }) => earlierOutcome(stream, history, meta) ?? unchangedOutcome(stream, history),
    );
  }

  /** The id follows from the whole command, so that another one under the same id has events of its own. */
  private newEvent(
    stream: string,
    { type, data, at }: DecidedEvent,
    number: number,
    meta: CommandMeta,
  ): NewEvent {
    this.registry.check(type, data);
    const id = derivedId(meta.commandId, meta.commandHash, stream, String(number));
    return { id, type, occurredAt: at ?? meta.at, data: { ...data } };
  }

  /** Adds to a kept stream what was just written to it, as it will be read back. */
  private keepOn(
    { stream, decider, history }: Loaded,
    events: readonly NewEvent[],
    { position, recordedAt }: Appended,
    metadata: RecordedEvent['metadata'],
    opens: boolean,
  ): void {
    // Streams that are only opened, as by imports, would drive out those that are worked on.
    if (opens && history.revision < 0) return;
    history.add(
      events.map(({ id, type, occurredAt, data }, index): RecordedEvent => ({
        ...{ id, type, stream, occurredAt, recordedAt, metadata },
        revision: history.revision + 1 + index,
        position: position - BigInt(events.length - 1 - index),
        data: deserialise(serialise(type, data)),
      })),
    );
    this.cache.keep(stream, decider, history);
  }

  /** What is kept of a stream, or nothing of it. */
  private known({ stream, decider }: AnyPart): Loaded {
    const history = this.cache.get(stream, decider) ?? new History(decider);
    return { stream, decider, history, isFresh: false };
  }

  /** Reads what came to a stream behind what is known of it. */
  private async readOn(part: Loaded): Promise<void> {
    const { stream, decider, history } = part;
    const events = await this.store.readStream(stream, { from: history.revision + 1 });
    history.add(events.map((event) => this.registry.newest(event)));
    part.isFresh = true;
    if (history.revision >= 0) this.cache.keep(stream, decider, history);
  }
}

function checkRevision({ stream, history: { revision } }: Loaded, expected: number | undefined): void {
  if (expected === undefined || expected === revision) return;
  throw conflict('stream.revision', `${stream} is at revision ${revision}, not ${expected}`, {
    revision,
    expected,
  });
}

function latestOf(loaded: readonly Loaded[]): Instant | undefined {
  return loaded.reduce<Instant | undefined>((latest, { history: { lastMoment } }) => {
    return latest === undefined || (lastMoment !== undefined && lastMoment > latest) ? lastMoment : latest;
  }, undefined);
}

/** When a command happens on streams to which something last happened at `last`. @throws DomainError `command.predates` */
function momentAfter({ at, now }: CommandMeta, last: Instant | undefined): Instant {
  if (last === undefined || at >= last) return at;
  if (at === now) return last;
  throw invalid(
    'command.predates',
    'occurredAt lies before the last event of this stream; only the Correct… commands may speak about the past',
    { field: 'occurredAt', last },
  );
}
