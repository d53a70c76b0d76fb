import fc from 'fast-check';
import { instantOfText } from './instant-text';

it.each([
  ['2026-03-01 09:30:00+00', '2026-03-01T09:30:00.000Z'],
  ['2026-03-01 09:30:00.2+00', '2026-03-01T09:30:00.200Z'],
  ['2026-03-01 09:30:00.25+00', '2026-03-01T09:30:00.250Z'],
  ['2026-03-01 09:30:00.285+00', '2026-03-01T09:30:00.285Z'],
  ['2026-03-01 09:30:00.285999+00', '2026-03-01T09:30:00.285Z'],
  ['0001-01-01 00:00:00+00', '0001-01-01T00:00:00.000Z'],
  ['9999-12-31 23:59:59.999+00', '9999-12-31T23:59:59.999Z'],
  ['2026-03-01 17:30:00.25+08', '2026-03-01T09:30:00.250Z'],
])('%s is %s', (text, instant) => {
  expect(instantOfText(text)).toBe(instant);
});

it('every instant is read as it was written', () => {
  const min = new Date('0001-01-01T00:00:00.000Z');
  const max = new Date('9999-12-31T23:59:59.999Z');
  fc.assert(
    fc.property(fc.date({ min, max, noInvalidDate: true }), (date) => {
      const iso = date.toISOString();
      // PostgreSQL leaves out zeros at the end of a fraction, and a fraction that is nothing else.
      const text = `${iso
        .slice(0, -1)
        .replace('T', ' ')
        .replace(/[.]?0+$/, (zeros, at) => (at >= 19 ? '' : zeros))}+00`;
      return instantOfText(text) === iso;
    }),
  );
});
