import type { Attempt, Observations, Place, Sighting } from './observations';

/** What became of the acknowledged appends: the first counts say how much was looked at, the rest are faults. */
export interface Verdict {
  readonly appends: number;
  readonly acknowledged: number;
  readonly refused: number;
  readonly followers: number;
  /** Acknowledged, but not in the store or never seen by a follower that should have. */
  readonly lost: number;
  /** In the store twice, or seen twice by one follower. */
  readonly doubled: number;
  /** Out of order: by position, by revision in its stream, by recordedAt, or before what its writer wrote earlier. */
  readonly inverted: number;
  /** Positions (where the store promises none) and revisions left out. */
  readonly gaps: number;
  /** Two events at one revision of a stream. */
  readonly forked: number;
  /** Seen only once unrelated transactions had ended. */
  readonly starved: number;
  /** Not where the answer to the append, or a follower, says. */
  readonly misplaced: number;
  /** In the store although the append was refused, or although nobody appended it. */
  readonly uncalled: number;
  /** Appends refused though nobody else writes to their streams. */
  readonly refusedWrongly: number;
}

/** Compares what was promised, what was seen and what is there. Counts events, each once a fault. */
export function judge({ attempts, sightings, content, gapless }: Observations): Verdict {
  const acknowledged = attempts.filter(({ appended }) => appended !== undefined);
  const promised = new Set(acknowledged.flatMap(idsOf));
  const places = new Map(content.map((place) => [place.id, place]));
  const ordered = sightings.map(({ events }) => events).concat([content]);
  return {
    appends: attempts.length,
    acknowledged: promised.size,
    refused: attempts.length - acknowledged.length,
    followers: sightings.length,
    lost: lost(promised, places, sightings),
    doubled: union(ordered.map(doubled)),
    inverted: union([...ordered.map(inverted), ...invertedForWriters(acknowledged)]),
    gaps: (gapless ? gapsInPositions(content) : 0) + gapsInRevisions(content),
    forked: forked(content),
    starved: union(sightings.map((sighting) => starved(sighting, promised))),
    misplaced: union([
      ...acknowledged.map((attempt) => misplacedByAnswer(attempt, places)),
      ...sightings.map(({ events }) => misplacedBySight(events, places)),
    ]),
    uncalled: content.filter(({ id }) => !promised.has(id)).length,
    refusedWrongly: attempts.filter(({ appended, contended }) => !appended && !contended).length,
  };
}

/** The counts that a right store has at nought. */
export function faultsOf({
  appends: _appends,
  acknowledged: _acknowledged,
  refused: _refused,
  followers: _followers,
  ...faults
}: Verdict): Record<string, number> {
  return faults;
}

/** @returns a line such as `PostgreSQL: 8000 appends, …, 0 lost, 0 doubled, …` */
export const describeVerdict = (name: string, verdict: Verdict): string =>
  `${name}: ${Object.entries(verdict)
    .map(([what, count]) => `${count} ${what}`)
    .join(', ')}`;

const idsOf = ({ writes }: Attempt): string[] => writes.flatMap(({ ids }) => ids);

const union = (sets: readonly (readonly string[])[]): number => new Set(sets.flat()).size;

function lost(
  promised: ReadonlySet<string>,
  places: ReadonlyMap<string, Place>,
  sightings: readonly Sighting[],
): number {
  const missing = new Set([...promised].filter((id) => !places.has(id)));
  for (const { after, events } of sightings) {
    const seen = new Set(events.map(({ id }) => id));
    for (const id of promised) {
      const place = places.get(id);
      if (place && place.position > after && !seen.has(id)) missing.add(id);
    }
  }
  return missing.size;
}

function doubled(events: readonly Place[]): string[] {
  const ids = new Set<string>();
  const positions = new Set<bigint>();
  return events.flatMap(({ id, position }) => {
    const again = ids.has(id) || positions.has(position);
    ids.add(id);
    positions.add(position);
    return again ? [id] : [];
  });
}

function inverted(events: readonly Place[]): string[] {
  const revisions = new Map<string, number>();
  let before: Place | undefined;
  return events.flatMap((event) => {
    const { id, stream, revision, position, recordedAt } = event;
    const wrong =
      revision < (revisions.get(stream) ?? -1) ||
      (before !== undefined && (position < before.position || recordedAt < before.recordedAt));
    revisions.set(stream, revision);
    before = event;
    return wrong ? [id] : [];
  });
}

/** A writer sends each append after the answer to the one before: its positions rise. */
function invertedForWriters(acknowledged: readonly Attempt[]): string[][] {
  const reached = new Map<string, bigint>();
  return acknowledged.map((attempt) => {
    const position = attempt.appended?.position ?? 0n;
    const wrong = position <= (reached.get(attempt.writer) ?? 0n);
    reached.set(attempt.writer, position);
    return wrong ? idsOf(attempt) : [];
  });
}

function gapsInPositions(content: readonly Place[]): number {
  const positions = new Set(content.map(({ position }) => position));
  return Number(content.at(-1)?.position ?? 0n) - positions.size;
}

function gapsInRevisions(content: readonly Place[]): number {
  const streams = new Map<string, Set<number>>();
  for (const { stream, revision } of content) {
    streams.set(stream, (streams.get(stream) ?? new Set()).add(revision));
  }
  let gaps = 0;
  for (const revisions of streams.values()) gaps += Math.max(...revisions) + 1 - revisions.size;
  return gaps;
}

function forked(content: readonly Place[]): number {
  return content.length - new Set(content.map(({ stream, revision }) => `${revision} ${stream}`)).size;
}

function starved({ events, whileOpen }: Sighting, promised: ReadonlySet<string>): string[] {
  if (whileOpen === undefined) return [];
  const late = events.slice(whileOpen).map(({ id }) => id);
  return late.filter((id) => promised.has(id));
}

function misplacedByAnswer({ writes, appended }: Attempt, places: ReadonlyMap<string, Place>): string[] {
  const ids = writes.flatMap((write) => write.ids);
  return writes.flatMap(({ stream, ids: own }, index) => {
    const answer = appended?.streams[index];
    return own.filter((id, at) => {
      const place = places.get(id);
      if (!place || !answer || !appended) return false;
      const isLast = id === ids.at(-1);
      return (
        place.stream !== stream ||
        answer.stream !== stream ||
        place.revision !== answer.revision - (own.length - 1 - at) ||
        place.recordedAt !== appended.recordedAt ||
        (isLast ? place.position !== appended.position : place.position >= appended.position)
      );
    });
  });
}

function misplacedBySight(events: readonly Place[], places: ReadonlyMap<string, Place>): string[] {
  const wrong = events.filter((seen) => {
    const place = places.get(seen.id);
    return (
      place?.position !== seen.position ||
      place.stream !== seen.stream ||
      place.revision !== seen.revision ||
      place.recordedAt !== seen.recordedAt
    );
  });
  return wrong.map(({ id }) => id);
}
