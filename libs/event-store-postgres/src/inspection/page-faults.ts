import type { StoreFault } from './faults';

/** An event as the page query answers it. */
export interface InspectedEvent {
  readonly position: string;
  readonly stream: string;
  readonly revision: number;
  readonly recordedAt: string;
  /** Recorded before the event at the position before. */
  readonly inverted: boolean;
  /** Position of the event one revision before in its stream, 0 where there is none. */
  readonly predecessor: string;
  /** How many events have this stream and revision. */
  readonly atRevision: string;
  /** The exact text; null for one that was too large for a page. */
  readonly data: string | null;
  readonly metadata: string | null;
}

/** What is wrong with one event, but for its texts. @param expected the position that it should have */
export function faultsOf(event: InspectedEvent, expected: bigint, head: bigint): readonly StoreFault[] {
  const { stream, revision } = event;
  const position = BigInt(event.position);
  const fault = (kind: StoreFault['kind'], detail: string): StoreFault => ({
    kind,
    position,
    stream,
    detail,
  });
  const faults: StoreFault[] = [];
  if (position > expected) faults.push(gap(expected, position - 1n));
  if (position > head) faults.push(fault('orphan', `lies above the head, which is at ${head}`));
  if (event.inverted)
    faults.push(fault('inversion', 'was recorded before the event at the position before it'));
  const broken = brokenRevision(event);
  if (broken !== undefined) faults.push(fault('revision', `revision ${revision} ${broken}`));
  return faults;
}

/** Positions that no event has. */
const gap = (from: bigint, to: bigint): StoreFault => ({
  kind: 'gap',
  position: from,
  detail: from === to ? 'no event is there' : `no event is there up to ${to}, ${to - from + 1n} positions`,
});

/** A stream is whole if each of its events but the first has the one before it below: so the revisions are 0 to n. */
function brokenRevision({ position, revision, predecessor, atRevision }: InspectedEvent): string | undefined {
  if (revision < 0) return 'is below 0';
  if (atRevision !== '1') return `stands ${atRevision} times in its stream`;
  if (revision === 0) return undefined;
  if (predecessor === '0') return `has no revision ${revision - 1} before it`;
  return BigInt(predecessor) > BigInt(position) ? `lies below revision ${revision - 1}` : undefined;
}

/** Whether a stored text is what it must be: the JSON of an object. @returns what it is instead */
export function textFault(text: string): string | undefined {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null && !Array.isArray(value)
      ? undefined
      : 'is JSON, but no object';
  } catch {
    return 'is no JSON';
  }
}
