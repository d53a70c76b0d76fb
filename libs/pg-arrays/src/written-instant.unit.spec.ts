import * as fc from 'fast-check';
import { writtenMilliseconds } from './written-instant';

const moments = fc.date({
  min: new Date('0001-01-01T00:00:00Z'),
  max: new Date('9999-12-31T23:59:59.999Z'),
  noInvalidDate: true,
});

it('is what the calendar of the language says, or left to it', () => {
  fc.assert(
    fc.property(moments, (date) => {
      const found = writtenMilliseconds(date.toISOString());
      expect(found).toBe(date.getUTCDate() <= 28 ? date.getTime() : Number.NaN);
    }),
    { numRuns: 2_000 },
  );
});

it.each([
  'infinity',
  '2026-03-01',
  '2026-03-01T09:30:00.000+',
  '2026-13-01T09:30:00.000Z',
  '2026-00-01T09:30:00.000Z',
  '2026-03-00T09:30:00.000Z',
  '2026-03-01T24:30:00.000Z',
  '2026-03-01T09:60:00.000Z',
  '2026-03-01T09:30:60.000Z',
  '2026-03-01T09:30:00.00xZ',
  '2026-03-01T09:30:00.x00Z',
  '20x6-03-01T09:30:00.000Z',
  '0000-03-01T09:30:00.000Z',
  '2026-03-01 09:30:00.000Z',
])('leaves %s to others', (text) => expect(writtenMilliseconds(text)).toBeNaN());
