import type { EventStore } from '@guanxi/event-store';
import { conflict, invalidField, notFound } from '@guanxi/kernel';
import type { DeadLetters, SkipOrder, Skipped } from '@guanxi/projections';
import type { Pool } from 'pg';
import type { Letter, LetterBox, LetterDetail, LetterFilter, LetterRetried, LetterSource } from './letters';
import { LETTER_SOURCES } from './letters';
import { PolicyLetters } from './policy-letters';
import { ReadModelLetters } from './read-model-letters';
import { RelayLetters } from './relay-letters';

/** What the office works with. */
export interface OfficeParts {
  readonly pool: Pool;
  readonly store: EventStore;
  /** Parked keys of read models. */
  readonly letters: DeadLetters;
  /** Whether this process knows of Kafka's brokers. */
  readonly hasBrokers: boolean;
}

/** Every key that is set aside, and what the lists of some sources do not say. */
export interface LetterList {
  readonly items: readonly Letter[];
  readonly notes: readonly string[];
}

/** Who skips, what, and why. */
export interface LetterSkip extends SkipOrder {
  readonly source?: LetterSource | undefined;
  readonly policy?: string | undefined;
}

/** All keys that are set aside, whoever did so: read models, policies, the relay to Kafka. */
export class DeadLetterOffice {
  private readonly letters: DeadLetters;
  private readonly boxes: readonly LetterBox[];

  constructor({ pool, store, letters, hasBrokers }: OfficeParts) {
    this.letters = letters;
    this.boxes = [
      new ReadModelLetters(letters),
      new PolicyLetters({ pool, store }),
      new RelayLetters({ pool, store, hasBrokers }),
    ];
  }

  /** @throws DomainError `projection.unknown`, `policy.unknown`, `input.invalid` */
  async list(filter: LetterFilter = {}): Promise<LetterList> {
    const boxes = this.boxesOf(filter);
    const [items, notes] = await Promise.all([
      Promise.all(boxes.map((box) => box.list(filter))),
      Promise.all(boxes.map((box) => box.note())),
    ]);
    return { items: items.flat(), notes: notes.filter((note) => note !== undefined) };
  }

  /**
   * Tells all about a key, once for each place where it is set aside.
   * @param withData also what the events say, which is personal data
   * @throws DomainError `dead-letter.unknown` and what `list` throws
   */
  async show(
    key: string,
    filter: Omit<LetterFilter, 'key'> = {},
    withData = false,
  ): Promise<readonly LetterDetail[]> {
    const meant = { ...filter, key };
    const details: LetterDetail[] = [];
    for (const box of await this.thatHave(meant)) details.push(...(await box.show(meant, withData)));
    return details;
  }

  /**
   * Has keys tried again: those of read models at once, with this program's code; others by the worker that set them
   * aside, at its next look.
   * @throws DomainError `dead-letter.unknown` when a key is named that is not set aside, and what `list` throws
   */
  async retry(filter: LetterFilter = {}): Promise<readonly LetterRetried[]> {
    const boxes = filter.key === undefined ? this.boxesOf(filter) : await this.thatHave(filter);
    const retried: LetterRetried[] = [];
    for (const box of boxes) retried.push(...(await box.retry(filter)));
    return retried;
  }

  /**
   * Leaves the event that halts a key of a read model out of it for good. Policies and the relay leave nothing out.
   * @throws DomainError `dead-letter.not-skippable`, `dead-letter.unknown`, `dead-letter.ambiguous`,
   * `dead-letter.elsewhere`, `dead-letter.event-unknown`, `input.invalid`
   */
  async skip({ source, policy, ...order }: LetterSkip): Promise<Skipped> {
    const { key, model } = order;
    const sources = (await this.thatHave({ source, policy, key, model })).map((box) => box.source);
    const others = sources.filter((each) => each !== 'read-model');
    if (others.length < sources.length) return this.letters.skip(order);
    const why = others.map((each) => `${key} ${WHY_NOT_SKIPPED[each]}`).join('; ');
    throw conflict('dead-letter.not-skippable', why, { sources });
  }

  /** Whom a filter asks. @throws DomainError `input.invalid` where it names two that cannot both be meant */
  private boxesOf({ source, model, policy }: LetterFilter): readonly LetterBox[] {
    const named = LETTER_SOURCES.filter(
      (each) =>
        each === source ||
        (each === 'read-model' && model !== undefined) ||
        (each === 'policy' && policy !== undefined),
    );
    if (named.length > 1)
      throw invalidField('source', 'oneSource', `names one source, or none: not ${named.join(' and ')}`);
    return named.length === 0 ? this.boxes : this.boxes.filter((box) => named.includes(box.source));
  }

  /** Those in which a key is set aside. */
  private async thatHave(filter: LetterFilter): Promise<readonly LetterBox[]> {
    const boxes = this.boxesOf(filter);
    const found = await Promise.all(boxes.map((box) => box.list(filter)));
    const having = boxes.filter((_, index) => (found[index]?.length ?? 0) > 0);
    if (having.length > 0) return having;
    const { key = '', model, policy } = filter;
    // Ids have one, too.
    if (!key.includes('-'))
      throw invalidField('key', 'isUuid', 'must be the UUID of a key, or a stream such as deal- with a UUID');
    const place = model ?? policy;
    throw notFound(
      'dead-letter.unknown',
      `${key} is not parked${place === undefined ? '' : ` in ${place}`}: "guanxi dead-letters list" names those that are`,
    );
  }
}

const WHY_NOT_SKIPPED: Readonly<Record<Exclude<LetterSource, 'read-model'>, string>> = {
  policy:
    'is of a policy, which leaves no event out: it would act on what did not happen so. Mend the code and retry it; ' +
    'what cannot wait is done by hand, as a command',
  relay:
    'is of the relay, which leaves no event out: readers were promised each public event, once and in order. Mend the ' +
    'mapping or raise the limit of the broker, and retry it',
};
