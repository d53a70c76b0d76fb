import { DomainError, parseInstant } from '@guanxi/kernel';
import { periodBefore, periodOf, yearBefore } from './period';

const asOf = parseInstant('2026-05-01T00:00:00Z');

describe('the period of a figure', () => {
  it('begins at from and ends just before to', () =>
    expect(periodOf({ from: '2026-01-01', to: '2026-02-01T08:00:00+08:00' }, asOf)).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-02-01T00:00:00.000Z',
      end: '2026-01-31T23:59:59.999Z',
    }));

  it('is the year up to and including the as-of moment where nothing is said', () =>
    expect(periodOf({}, asOf)).toEqual({ from: '2025-05-01T00:00:00.000Z', to: asOf, end: asOf }));

  it('counts nothing behind the as-of moment', () =>
    expect(periodOf({ from: '2026-04-01', to: '2026-06-01' }, asOf).end).toBe(asOf));

  it.each([
    ['2026-02-01', '2026-02-01'],
    ['2026-02-01', '2026-01-01'],
    ['2026-05-02', undefined],
  ])('does not run from %s to %s', (from, to) =>
    expect(() => periodOf({ from, to }, asOf)).toThrow(DomainError),
  );
});

describe('periods to compare with', () => {
  it.each([
    ['2026-03-01', '2026-04-01', '2026-02-01', '2026-03-01'],
    ['2024-01-01', '2025-01-01', '2023-01-01', '2024-01-01'],
    ['2026-03-02', '2026-03-09', '2026-02-23', '2026-03-02'],
  ])('before %s to %s comes %s to %s', (from, to, before, until) =>
    expect(periodBefore(periodOf({ from, to }, asOf))).toMatchObject({
      from: `${before}T00:00:00.000Z`,
      to: `${until}T00:00:00.000Z`,
    }),
  );

  it('a year earlier than the end of a leap year is still February', () =>
    expect(yearBefore(periodOf({ from: '2024-02-01', to: '2024-02-29' }, asOf))).toEqual({
      from: '2023-02-01T00:00:00.000Z',
      to: '2023-02-28T00:00:00.000Z',
      end: '2023-02-27T23:59:59.999Z',
    }));

  it('are whole, also where the period itself is cut by the as-of moment', () =>
    expect(yearBefore(periodOf({ from: '2026-01-01', to: '2027-01-01' }, asOf)).end).toBe(
      '2025-12-31T23:59:59.999Z',
    ));
});
