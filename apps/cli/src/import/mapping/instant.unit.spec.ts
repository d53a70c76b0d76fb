import fc from 'fast-check';
import { DateTime } from 'luxon';
import { earlier, instantReader } from './instant';

const iso = (instant: number): string => new Date(instant).toISOString();

it.each([
  ['ISO', 'UTC', '2009-12-01', '2009-12-01T00:00:00.000Z'],
  ['ISO', 'Europe/London', '2010-07-01T07:45:00', '2010-07-01T06:45:00.000Z'],
  ['ISO', 'Europe/London', '2010-07-01 07:45', '2010-07-01T06:45:00.000Z'],
  ['ISO', 'Europe/London', '2010-07-01T07:45:00.250+02:00', '2010-07-01T05:45:00.250Z'],
  ['ISO', 'Asia/Shanghai', '2010-07-01T07:45:00Z', '2010-07-01T07:45:00.000Z'],
  ['M/d/yyyy', 'America/New_York', '11/3/2014', '2014-11-03T05:00:00.000Z'],
  ['yyyyMMdd', 'America/New_York', '19970701', '1997-07-01T04:00:00.000Z'],
  ['dd.MM.yyyy HH:mm', 'Europe/Berlin', '29.02.2016 23:59', '2016-02-29T22:59:00.000Z'],
  ['d MMM yyyy, h:mm a', 'UTC', '3 Feb 2020, 1:05 PM', '2020-02-03T13:05:00.000Z'],
  ['yyyy-MM-dd', 'Africa/Cairo', '2024-04-26', '2024-04-25T22:00:00.000Z'],
])('%s in %s: %s is %s', (format, zone, text, instant) => {
  expect(iso(instantReader(format, zone)(text))).toBe(instant);
});

it.each([
  ['ISO', '2015-02-29'],
  ['ISO', '2015-13-01'],
  ['ISO', '2015-01-01T24:01'],
  ['ISO', '1/2/2015'],
  ['M/d/yyyy', '31/12/2014'],
  ['M/d/yyyy', '2014-12-31'],
  ['yyyyMMdd', '19970231'],
  ['d MMM yyyy', '3 Foo 2020'],
])('%s refuses %s', (format, text) => {
  expect(() => instantReader(format, 'UTC')(text)).toThrow(expect.objectContaining({ rule: 'date' }));
});

it('agrees with Luxon on every clock time, also around changes of the clock', () => {
  const zones = [
    'Europe/London',
    'America/New_York',
    'Australia/Lord_Howe',
    'Asia/Kolkata',
    'America/Sao_Paulo',
    'Africa/Cairo',
  ];
  const time = fc.date({
    min: new Date('1995-01-01T00:00:00Z'),
    max: new Date('2025-12-31T00:00:00Z'),
    noInvalidDate: true,
  });
  const readers = new Map(zones.map((zone) => [zone, instantReader('ISO', zone)]));
  fc.assert(
    fc.property(fc.constantFrom(...zones), time, (zone, date) => {
      const text = date.toISOString().slice(0, 19);
      expect(readers.get(zone)?.(text)).toBe(DateTime.fromISO(text, { zone }).toMillis());
    }),
    { numRuns: 2000 },
  );
  for (const text of [
    '2010-03-28T00:59:00',
    '2010-03-28T01:30:00',
    '2010-10-31T01:30:00',
    '2010-10-31T02:00:00',
  ]) {
    expect(readers.get('Europe/London')?.(text)).toBe(
      DateTime.fromISO(text, { zone: 'Europe/London' }).toMillis(),
    );
  }
});

it('goes back by the calendar', () => {
  expect(iso(earlier(Date.parse('2020-03-31T04:00:00Z'), 1, 'months', 'America/New_York'))).toBe(
    '2020-02-29T05:00:00.000Z',
  );
});
