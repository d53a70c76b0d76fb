import type {
  CommandMeta,
  Decider,
  Decision,
  EventMetadata,
  Happened,
  Instant,
  RecordedEvent,
} from '@guanxi/kernel';
import { DomainError, conflict, invalid, redatingOf, timeline } from '@guanxi/kernel';
import { WrongExpectedRevision } from './errors';
import type { EventRegistry } from './event-registry';
import { derivedId } from './ids';
import type { EventStore, NewEvent } from './port';

/** What a decision may return: a type, its data, and when it happened if not at the command's own moment. */
export interface DecidedEvent {
  readonly type: string;
  readonly data: object;
  readonly at?: Instant;
}

/** What became of a command. A repeat of an earlier command carries that command's outcome. */
export interface Outcome {
  readonly status: 'accepted' | 'unchanged';
  readonly stream: string;
  /** Revision of the stream's last event after the command; -1 for a stream that has none. */
  readonly revision: number;
  /** Position of the command's last event, or of the stream's last one when nothing changed. */
  readonly position: bigint;
  readonly events: readonly string[];
  /** True when this command id had already been carried out and nothing was done now. */
  readonly repeated: boolean;
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

const ATTEMPTS = 5;

/**
 * Loads, folds, decides, appends; on a lost race reads on and decides again. Commands of this process for one
 * stream wait for each other, so that races are lost to other processes alone.
 */
export class Deciders {
  private readonly last = new Map<string, Promise<unknown>>();

  constructor(
    private readonly store: EventStore,
    private readonly registry: EventRegistry,
  ) {}

  /**
   * Carries out one decision on one stream. A command that names no moment of its own (`at` is `now`) happens no
   * earlier than what others made happen to the stream in the meantime.
   * @throws DomainError what the decision throws; `command.reused-id` when the id came with other content;
   * `stream.revision` when the stream is not at the expected revision; `command.predates`; `command.contended`
   */
  transact<S, E extends DecidedEvent>(
    stream: string,
    decider: Decider<S, E>,
    decision: Decision<S, E>,
    meta: CommandMeta,
    options: TransactOptions = {},
  ): Promise<Outcome> {
    return this.inTurn(stream, () => this.attempt(stream, decider, decision, meta, options));
  }

  private async inTurn<T>(stream: string, work: () => Promise<T>): Promise<T> {
    const before = this.last.get(stream);
    const own = before ? before.then(work, work) : work();
    this.last.set(stream, own);
    try {
      return await own;
    } finally {
      if (this.last.get(stream) === own) this.last.delete(stream);
    }
  }

  private async attempt<S, E extends DecidedEvent>(
    stream: string,
    decider: Decider<S, E>,
    decision: Decision<S, E>,
    meta: CommandMeta,
    options: TransactOptions,
  ): Promise<Outcome> {
    for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
      const past = options.opens && attempt === 0 ? [] : await this.load(stream);
      const earlier = outcomeOf(stream, past, meta);
      if (earlier) return earlier;
      const revision = past.length - 1;
      if (options.expectedRevision !== undefined && options.expectedRevision !== revision) {
        throw conflict(
          'stream.revision',
          `${stream} is at revision ${revision}, not ${options.expectedRevision}`,
          {
            revision,
            expected: options.expectedRevision,
          },
        );
      }
      const placed = timeline(past);
      const at = options.mayPredate ? meta.at : momentAfter(meta, placed.at(-1)?.at);
      const state = placed.reduce<S>(
        (folded, { event, at }) =>
          redatingOf(event.data) ? folded : decider.evolve(folded, happened<E>(event, at)),
        decider.initial,
      );
      const decided = decision(state);
      if (decided.length === 0) return unchanged(stream, past);
      try {
        return await this.append(stream, revision, decided, { ...meta, at }, options.policyVersion ?? 0);
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision)) throw error;
      }
    }
    throw conflict('command.contended', `${stream} is being changed by too many others; try again`, {
      stream,
    });
  }

  private async load(stream: string): Promise<readonly RecordedEvent[]> {
    const events = await this.store.readStream(stream);
    return events.map((event) => this.registry.newest(event));
  }

  private async append(
    stream: string,
    revision: number,
    decided: readonly DecidedEvent[],
    meta: CommandMeta,
    policyVersion: number,
  ): Promise<Outcome> {
    const events = decided.map(({ type, data, at }, index): NewEvent => {
      this.registry.check(type, data);
      return {
        id: derivedId(meta.commandId, stream, String(index)),
        type,
        occurredAt: at ?? meta.at,
        data: { ...data },
      };
    });
    const appended = await this.store.append(
      [{ stream, expected: revision < 0 ? 'new' : revision, events }],
      metadataOf(meta, policyVersion),
    );
    return {
      status: 'accepted',
      stream,
      revision: revision + events.length,
      position: appended.position,
      events: events.map(({ type }) => type),
      repeated: false,
    };
  }
}

/** An event of a stream as its decider knows it: a stream of a category holds that category's events alone. */
function happened<E>({ type, data, revision }: RecordedEvent, at: Instant): Happened<E> {
  // eslint-disable-next-line @typescript-eslint/consistent-type-assertions -- checked against its schema when it was appended
  return { type, data, at, revision } as unknown as Happened<E>;
}

function outcomeOf(stream: string, past: readonly RecordedEvent[], meta: CommandMeta): Outcome | undefined {
  const own = past.filter(({ metadata }) => metadata.commandId === meta.commandId);
  const last = own.at(-1);
  if (!last) return undefined;
  if (last.metadata.commandHash !== meta.commandHash) {
    throw new DomainError(
      'command.reused-id',
      'mismatch',
      'this idempotency key was used for a command with other content',
      { command: last.metadata.command },
    );
  }
  return {
    status: 'accepted',
    stream,
    revision: last.revision,
    position: last.position,
    events: own.map(({ type }) => type),
    repeated: true,
  };
}

function unchanged(stream: string, past: readonly RecordedEvent[]): Outcome {
  const last = past.at(-1);
  return {
    status: 'unchanged',
    stream,
    revision: last?.revision ?? -1,
    position: last?.position ?? 0n,
    events: [],
    repeated: false,
  };
}

/** When a command happens on a stream whose last event happened at `last`. @throws DomainError `command.predates` */
function momentAfter({ at, now }: CommandMeta, last: Instant | undefined): Instant {
  if (last === undefined || at >= last) return at;
  if (at === now) return last;
  throw invalid(
    'command.predates',
    'occurredAt lies before the last event of this stream; only the Correct… commands may speak about the past',
    { field: 'occurredAt', last },
  );
}

function metadataOf(meta: CommandMeta, policyVersion: number): EventMetadata {
  const { commandId, command, commandHash, correlationId, causationId, actor, tenant } = meta;
  return {
    commandId,
    command,
    commandHash,
    correlationId,
    ...(causationId === undefined ? {} : { causationId }),
    actor,
    tenant,
    policyVersion,
  };
}
