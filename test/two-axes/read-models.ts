import { isDeepStrictEqual } from 'node:util';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import type { AnyReadModel, KeyVersions } from '@guanxi/projections';
import { versionsOf } from '@guanxi/projections';
import type { Truth } from './fold';
import { inForce, keysOf, ofKey, plain, truthOf } from './fold';
import { knowable, telling } from './moments';

/** Where a read model says something else than the events do. */
export interface Difference {
  readonly model: string;
  readonly key: string;
  readonly asOf: Instant;
  readonly position: bigint;
  readonly said: Truth;
  readonly true: Truth;
}

/** True when what began at a moment is true at another. */
type Rule = (from: Instant, asOf: Instant) => boolean;

const hasBegunBy: Rule = (from, asOf) => from <= asOf;

/** What is looked at in the place of the product's own model and rule: faults, which the comparison must notice. */
export interface Instead {
  readonly model?: AnyReadModel;
  readonly hasBegun?: Rule;
}

/** What the engine's versions of a key say at a moment, by the rule of its tables. */
export function saidBy(
  versions: KeyVersions,
  asOf: Instant,
  position: bigint,
  hasBegun: Rule = hasBegunBy,
): Truth {
  const { closed, current, movements } = versions;
  const open = current ? [{ ...current, validTo: null, closedPos: null, supersededPos: null }] : [];
  const rows = [...closed, ...open].filter(
    ({ openedPos, supersededPos, validFrom, validTo, closedPos }) =>
      openedPos <= position &&
      (supersededPos === null || supersededPos > position) &&
      hasBegun(validFrom, asOf) &&
      (validTo === null || validTo > asOf || closedPos === null || closedPos > position),
  );
  if (rows.length > 1) throw new Error(`${rows.length} rows of one key at one moment`);
  const [found] = rows;
  return {
    row: found ? plain(found.row) : null,
    since: found ? found.validFrom : null,
    movements: movements
      .filter(
        ({ effectiveAt, knownPos, supersededPos }) =>
          effectiveAt <= asOf && knownPos <= position && (supersededPos === null || supersededPos > position),
      )
      .map(({ movement, effectiveAt }) => ({ movement: plain(movement), at: effectiveAt })),
  };
}

/**
 * Holds a model's rows and movements of every key to the events, at every position that can be known and at every
 * moment at which something can differ.
 * @param instead what is looked at, where it is not the model by which the truth is told
 * @returns the first difference, and how many comparisons were made
 */
export function differenceIn(
  model: AnyReadModel,
  log: readonly RecordedEvent[],
  instead: Instead = {},
): { readonly difference?: Difference; readonly comparisons: number } {
  let comparisons = 0;
  const positions = knowable(log);
  const known = new Map(positions.map((position) => [position, inForce(log, position)]));
  for (const key of keysOf(model, log)) {
    const own = log.filter((event) => model.types.includes(event.type) && model.keyOf(event) === key);
    const versions = versionsOf(instead.model ?? model, key, own);
    const words = wordsAbout(own, log);
    const moments = telling(words);
    for (const position of endsOf(words, positions)) {
      const counted = ofKey(model, key, known.get(position) ?? []);
      for (const asOf of moments) {
        comparisons += 1;
        const said = saidBy(versions, asOf, position, instead.hasBegun);
        const truth = truthOf(model, key, counted, asOf);
        if (!sameTruth(said, truth)) {
          return { comparisons, difference: { model: model.name, key, asOf, position, said, true: truth } };
        }
      }
    }
  }
  return { comparisons };
}

/** All that is ever said of a key: its events, and words that move one of them, whomever those are addressed to. */
function wordsAbout(own: readonly RecordedEvent[], log: readonly RecordedEvent[]): readonly RecordedEvent[] {
  const streams = new Set(own.map(({ stream }) => stream));
  return log.filter((event) => own.includes(event) || ('redates' in event.data && streams.has(event.stream)));
}

/** Positions at which what is known of a key can change, and the one before all. */
function endsOf(words: readonly RecordedEvent[], positions: readonly bigint[]): readonly bigint[] {
  const ends = words.map(({ position }) => positions.find((end) => end >= position) ?? position);
  return [0n, ...new Set(ends)];
}

/** Equal rows since the same moment, and the same movements in whatever order. */
export function sameTruth(a: Truth, b: Truth): boolean {
  return (
    isDeepStrictEqual(a.row, b.row) &&
    a.since === b.since &&
    isDeepStrictEqual(sorted(a.movements), sorted(b.movements))
  );
}

const sorted = (movements: Truth['movements']): readonly string[] =>
  movements
    .map(({ movement, at }) => `${at} ${JSON.stringify(Object.entries(movement).sort(byName))}`)
    .sort();

const byName = ([a]: [string, unknown], [b]: [string, unknown]): number => (a < b ? -1 : 1);
