import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';

/** Positions at which knowledge can stand: nothing, and the last event of each millisecond in which any was recorded. */
export function knowable(log: readonly RecordedEvent[]): readonly bigint[] {
  const ends = log.filter(({ recordedAt }, index) => log[index + 1]?.recordedAt !== recordedAt);
  return [0n, ...ends.map(({ position }) => position)];
}

/** Moments at which what is true can differ: those of events as known ever, just before, just after, far off. */
export function telling(log: readonly RecordedEvent[]): readonly Instant[] {
  const all = log.flatMap(({ occurredAt, data }) =>
    'redates' in data ? [occurredAt, (data['redates'] as { to: Instant }).to] : [occurredAt],
  );
  const own = [...new Set(all)].sort();
  const first = own[0];
  const last = own.at(-1);
  if (first === undefined || last === undefined) return [shifted('2024-01-01T00:00:00.000Z', 0)];
  const between = own
    .slice(1)
    .map((at, index) => shifted(own[index] ?? at, Math.floor(gap(own[index] ?? at, at) / 2)));
  const around = own.flatMap((at) => [shifted(at, -1), at, shifted(at, 1)]);
  const far = [shifted(first, -400 * DAY), shifted(last, 400 * DAY)];
  return [...new Set([...far, ...around, ...between])].sort();
}

const DAY = 86_400_000;

/** A moment moved by milliseconds. */
export const shifted = (at: string, milliseconds: number): Instant =>
  instantOf(new Date(Date.parse(at) + milliseconds));

const gap = (from: string, to: string): number => Date.parse(to) - Date.parse(from);
