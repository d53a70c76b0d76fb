import { hash } from 'node:crypto';
import { EventRegistry, WrongExpectedRevision, derivedId, newId } from '@guanxi/event-store';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { conflict, invalidField, isUuid, notFound } from '@guanxi/kernel';
import { ModelProjector } from './model-projector';
import { ParkedKeys } from './parked-keys';
import type { DeadLetter, ParkedFilter } from './parked-list';
import { parkedKeys } from './parked-list';
import type { FoldingParts } from './parked-retry';
import { retryParked } from './parked-retry';
import type { AnyReadModel } from './read-model';
import type { Skip } from './skipped-events';
import { deadLetterSkipped, skipStreamOf, skippedEvents } from './skipped-events';

/** An event in the words of a list. */
export interface ListedEvent {
  readonly id: string;
  readonly type: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: string;
  readonly occurredAt: Instant;
  readonly recordedAt: Instant;
  /** Holds personal data: only where it was asked for. */
  readonly data?: RecordedEvent['data'];
}

/** All that is known of a parked key. */
export interface DeadLetterDetail {
  readonly letter: DeadLetter;
  /** Where in the code the fold came to a halt. */
  readonly stack?: string;
  /** The event that halted it, as it is stored. */
  readonly halted?: ListedEvent;
  /** The first of the events that wait behind it. */
  readonly behind: readonly ListedEvent[];
}

/** What became of a parked key that was folded anew. */
export interface Retried {
  readonly letter: DeadLetter;
  /** `other-version`: this program has another version of the read model than the one that made the generation. */
  readonly status: 'healed' | 'parked' | 'other-version';
  /** Where it stays parked, and why. */
  readonly position?: string;
  readonly error?: string;
}

/** An event that is left out from now on, and what became of the key. */
export interface Skipped {
  readonly skip: Skip;
  /** False when it had been skipped before. */
  readonly isNew: boolean;
  readonly retried: readonly Retried[];
}

/** Who skips, what, and why. */
export interface SkipOrder {
  /** Needed where the key is parked in several read models. */
  readonly model?: string | undefined;
  readonly key: string;
  /** Where the event is that was looked at: a key that is halted elsewhere by now is left as it is. */
  readonly position?: string | undefined;
  readonly reason: string;
  readonly actor: string;
}

const LISTED_BEHIND = 100;
const LONGEST_REASON = 1_000;
const TRIES = 3;
const ownEvents = new EventRegistry([deadLetterSkipped]);

/** Parked keys for those who look after the product: what halted them, another try, and leaving an event out. */
export class DeadLetters {
  /** @param models read models whose code this program has */
  constructor(
    private readonly parts: FoldingParts,
    private readonly models: readonly AnyReadModel[],
    private readonly clock: () => Instant,
  ) {}

  /** @throws DomainError `projection.unknown` */
  async list(filter: ParkedFilter = {}): Promise<readonly DeadLetter[]> {
    return (await this.find(filter)).map(({ letter }) => letter);
  }

  /**
   * Tells all about a parked key, once for each generation in which it is parked.
   * @param withData also what the events say, which is personal data
   * @throws DomainError `dead-letter.unknown`
   */
  async show(
    key: string,
    { model, withData = false }: { readonly model?: string | undefined; readonly withData?: boolean } = {},
  ): Promise<readonly DeadLetterDetail[]> {
    const details: DeadLetterDetail[] = [];
    for (const { letter, ...found } of await this.ofKey(key, model)) {
      const halted = await this.haltOf(letter);
      const behind = await this.behind(letter, LISTED_BEHIND);
      details.push({
        ...{ letter, ...found, behind: behind.map((each) => listedEvent(each, withData)) },
        ...(halted ? { halted: listedEvent(halted, withData) } : {}),
      });
    }
    return details;
  }

  /**
   * Folds parked keys anew, which heals those whose fault is mended in this program's code.
   * @throws DomainError `dead-letter.unknown` when a key is named that is not parked
   */
  async retry(filter: ParkedFilter = {}): Promise<readonly Retried[]> {
    const found =
      filter.key === undefined ? await this.find(filter) : await this.ofKey(filter.key, filter.model);
    return this.retryAll(found);
  }

  /**
   * Leaves the event that halts a key out of that key, in every generation of the read model and for ever: an event in
   * the log says so, which every fold heeds.
   * @throws DomainError `dead-letter.unknown`, `dead-letter.ambiguous`, `dead-letter.elsewhere`, `dead-letter.event-unknown`,
   * `input.invalid`
   */
  async skip({ key, model: name, position: meant, reason, actor }: SkipOrder): Promise<Skipped> {
    const why = reason.trim();
    if (why === '' || why.length > LONGEST_REASON) {
      throw invalidField('reason', 'length', `must say why, in 1 to ${LONGEST_REASON} characters`);
    }
    const found = await this.ofKey(key, name);
    const models = [...new Set(found.map(({ letter }) => letter.model))];
    const [model] = models;
    const letter = found[0]?.letter;
    if (model === undefined || letter === undefined || models.length > 1) {
      throw conflict(
        'dead-letter.ambiguous',
        `${key} is parked in ${models.join(' and ')}: say in which of them its event is to be skipped`,
        { models },
      );
    }
    const halted = found.find((each) => meant === undefined || each.letter.position === meant)?.letter;
    if (!halted) {
      const { position } = letter;
      throw conflict(
        'dead-letter.elsewhere',
        `${key} is halted at position ${position}, not at ${meant}: look at that event before it is skipped`,
        { position },
      );
    }
    const event = await this.haltOf(halted);
    if (!event) {
      throw conflict(
        'dead-letter.event-unknown',
        `the event at position ${halted.position} of ${halted.stream} is not in this event store`,
      );
    }
    const { id, type, stream, revision, position } = event;
    const skip: Skip = {
      ...{ model, key: halted.key, reason: why, actor },
      event: { id, type, stream, revision, position: String(position) },
    };
    ownEvents.check(deadLetterSkipped.type, skip);
    const isNew = await this.append(skip, event);
    // A worker may read the skip from the log first: then the key is healed already.
    return { skip, isNew, retried: await this.retryAll(found) };
  }

  /** Writes a skip, unless the event is skipped already. */
  private async append(skip: Skip, event: RecordedEvent): Promise<boolean> {
    const { store } = this.parts;
    const stream = skipStreamOf(skip.model);
    for (let tried = 1; ; tried += 1) {
      const skips = await skippedEvents(store, [{ name: skip.model }]);
      if (skips.has(skip.model, skip.key, event)) return false;
      const last = (await store.readStream(stream)).at(-1);
      const id = derivedId('dead letter skipped', skip.model, skip.key, event.id);
      const news = { id, type: deadLetterSkipped.type, occurredAt: this.clock(), data: skip };
      const commandId = newId();
      try {
        await store.append([{ stream, expected: last?.revision ?? 'new', events: [news] }], {
          ...{
            commandId,
            command: 'SkipDeadLetter',
            commandHash: hash('sha256', JSON.stringify(skip), 'hex'),
          },
          ...{ correlationId: commandId, actor: skip.actor, tenant: 'default', policyVersion: 0 },
        });
        return true;
      } catch (error) {
        if (!(error instanceof WrongExpectedRevision) || tried === TRIES) throw error;
      }
    }
  }

  private async retryAll(found: Awaited<ReturnType<typeof parkedKeys>>): Promise<readonly Retried[]> {
    const retried: Retried[] = [];
    for (const { letter } of found) retried.push(await this.retryOne(letter));
    return retried;
  }

  private async retryOne(letter: DeadLetter): Promise<Retried> {
    const model = this.codeOf(letter);
    if (!model) return { letter, status: 'other-version' };
    const halt = await retryParked(this.parts, model, letter.generation, letter.key);
    if (!halt) return { letter, status: 'healed' };
    const { event, error } = halt;
    return {
      ...{ letter, status: 'parked', position: String(event.position) },
      error: error instanceof Error ? error.message : String(error),
    };
  }

  private async haltOf({ stream, position }: DeadLetter): Promise<RecordedEvent | undefined> {
    const events = await this.parts.store.readStream(stream);
    return events.find((event) => String(event.position) === position);
  }

  /** The first events of the key behind the one that halted it, as they are stored. */
  private async behind(letter: DeadLetter, limit: number): Promise<readonly RecordedEvent[]> {
    const model = this.codeOf(letter);
    if (!model) return [];
    const { pool, store, registry } = this.parts;
    const skips = await skippedEvents(store, [model]);
    const parts = { store, registry, skips, parked: new ParkedKeys() };
    const projector = new ModelProjector(model, letter.generation, parts);
    const { position: head } = await store.head();
    const client = await pool.connect();
    try {
      const events = await projector.eventsOf(client, letter.key, letter.stream, head);
      const behind = events.filter(({ position }) => position > BigInt(letter.position)).slice(0, limit);
      const ids = new Set(behind.map(({ id }) => id));
      const streams = new Set(behind.map(({ stream }) => stream));
      return (await store.readStreams([...streams], model.types)).filter(({ id }) => ids.has(id));
    } finally {
      client.release();
    }
  }

  private codeOf({ model, version }: DeadLetter): AnyReadModel | undefined {
    return this.models.find((own) => own.name === model && own.version === version);
  }

  private async ofKey(key: string, model: string | undefined): ReturnType<typeof parkedKeys> {
    if (!isUuid(key)) throw invalidField('key', 'isUuid', 'must be the UUID of a row');
    const found = await this.find({ key: key.toLowerCase(), ...(model === undefined ? {} : { model }) });
    if (found.length > 0) return found;
    throw notFound(
      'dead-letter.unknown',
      `${key} is not parked${model === undefined ? '' : ` in ${model}`}: "guanxi dead-letters list" names those that are`,
    );
  }

  private async find(filter: ParkedFilter): ReturnType<typeof parkedKeys> {
    const found = await parkedKeys(this.parts.pool, filter);
    const { model } = filter;
    if (model === undefined || found.length > 0 || this.models.some(({ name }) => name === model))
      return found;
    const names = this.models.map(({ name }) => name).sort();
    throw notFound('projection.unknown', `there is no read model ${model}; there are ${names.join(', ')}`, {
      models: names,
    });
  }
}

/** An event in the words of a list. @param withData also what it says, which is personal data */
export function listedEvent(event: RecordedEvent, withData: boolean): ListedEvent {
  const { id, type, stream, revision, position, occurredAt, recordedAt } = event;
  return {
    ...{ id, type, stream, revision, position: String(position), occurredAt, recordedAt },
    ...(withData ? { data: event.data } : {}),
  };
}
