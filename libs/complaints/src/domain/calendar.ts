import type { Instant } from '@guanxi/kernel';
import { plusMilliseconds } from '@guanxi/kernel';

/** Which days are worked on. A working day lasts from midnight to midnight of its zone. */
export interface Calendar {
  /** IANA name, such as `Asia/Shanghai`. */
  readonly zone: string;
  /** Days `YYYY-MM-DD` that are not worked on, weekends left out. */
  readonly holidays: ReadonlySet<string>;
  /** Days of weekends that are worked on in exchange. */
  readonly workingWeekends: ReadonlySet<string>;
}

const DAY = 86_400_000;

/** The moment at which so many milliseconds of working days have gone by. */
export function plusWorkingTime(from: Instant, milliseconds: number, calendar: Calendar): Instant {
  let at = Date.parse(from);
  let left = milliseconds;
  for (;;) {
    const day = localDay(at, calendar.zone);
    const end = midnightAfter(at, day, calendar.zone);
    if (isWorkingDay(day, calendar)) {
      if (left <= end - at) return plusMilliseconds(from, at + left - Date.parse(from));
      left -= end - at;
    }
    at = end;
  }
}

/** True for a day that is worked on: Monday to Friday but holidays, and weekends worked on in exchange. */
export function isWorkingDay(day: string, { holidays, workingWeekends }: Calendar): boolean {
  const weekday = new Date(`${day}T00:00:00Z`).getUTCDay();
  return weekday === 0 || weekday === 6 ? workingWeekends.has(day) : !holidays.has(day);
}

/** The next local midnight; a day may be an hour longer or shorter where clocks are changed. */
function midnightAfter(at: number, day: string, zone: string): number {
  const next = Date.parse(`${day}T00:00:00Z`) + DAY;
  let midnight = next - offsetAt(at, zone);
  midnight = next - offsetAt(midnight, zone);
  return Math.max(midnight, at + 1);
}

/** The calendar day at a moment. */
const localDay = (at: number, zone: string): string =>
  new Date(at + offsetAt(at, zone)).toISOString().slice(0, 10);

const formats = new Map<string, Intl.DateTimeFormat>();

/** Milliseconds that a zone's clocks are ahead of UTC at a moment. */
function offsetAt(at: number, zone: string): number {
  const format =
    formats.get(zone) ??
    new Intl.DateTimeFormat('en-US', {
      timeZone: zone,
      hourCycle: 'h23',
      ...{ year: 'numeric', month: 'numeric', day: 'numeric' },
      ...{ hour: 'numeric', minute: 'numeric', second: 'numeric' },
    });
  formats.set(zone, format);
  const parts = new Map(format.formatToParts(at).map(({ type, value }) => [type, Number(value)]));
  const part = (name: Intl.DateTimeFormatPartTypes): number => parts.get(name) ?? 0;
  const local = Date.UTC(
    ...([part('year'), part('month') - 1, part('day')] as const),
    ...([part('hour'), part('minute'), part('second')] as const),
  );
  return local - Math.floor(at / 1_000) * 1_000;
}
