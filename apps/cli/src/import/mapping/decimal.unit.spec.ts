import fc from 'fast-check';
import { multiply, parseDecimal, rescale, toNumber } from './decimal';

describe('reading', () => {
  it.each([
    ['12.50', '.', '', 12.5],
    ['-0.07', '.', '', -0.07],
    ['+3', '.', '', 3],
    ['1.234.567,89', ',', '.', 1234567.89],
    ['$1,234.50', '.', ',', 1234.5],
    ['-\u20AC5', '.', '', -5],
    ['1 234', '.', ' ', 1234],
  ])('%s', (text, decimal, thousands, number) => {
    expect(toNumber(parseDecimal(text, decimal, thousands))).toBe(number);
  });

  it.each(['', '-', 'abc', '1.2.3', '1,5', '5.', '1e5', '0x10', '12345678901234567', '1-2', 'NaN'])(
    'refuses %j',
    (text) => {
      expect(() => parseDecimal(text)).toThrow(expect.objectContaining({ rule: 'number' }));
    },
  );

  it('does not read 1,5 as fifteen because commas may part thousands', () => {
    expect(() => parseDecimal('1,5', '.', ',')).toThrow(expect.objectContaining({ rule: 'number' }));
  });

  it('gives the nearest double of any decimal, as JavaScript would read it', () => {
    fc.assert(
      fc.property(fc.integer({ min: -1e9, max: 1e9 }), fc.integer({ min: 0, max: 6 }), (units, scale) => {
        const text = (units / 10 ** scale).toFixed(scale);
        expect(toNumber(parseDecimal(text))).toBe(Number(text) + 0);
      }),
    );
  });
});

describe('price times quantity', () => {
  it.each([
    [1, '0.125', 12],
    [1, '0.135', 14],
    [-1, '0.125', -12],
    [3, '0.335', 100],
    [-3, '0.335', -100],
    [0, '4.99', 0],
  ])('%d x %s is %d hundredths, halves to even', (quantity, price, hundredths) => {
    expect(multiply(parseDecimal(String(quantity)), parseDecimal(price), 2, 'half-even')).toBe(hundredths);
  });

  it('never gives a negative zero', () => {
    expect(Object.is(multiply(parseDecimal('-6'), parseDecimal('0'), 2, 'half-even'), 0)).toBe(true);
  });

  it('rounds a half away from zero or cuts, as asked', () => {
    expect(rescale({ units: -125, scale: 3 }, 2, 'half-up')).toBe(-13);
    expect(rescale({ units: -129, scale: 3 }, 2, 'down')).toBe(-12);
  });

  it('is within half a unit of the exact product, also past 2^53 in between', () => {
    const decimal = fc.record({
      units: fc.integer({ min: -(10 ** 9), max: 10 ** 9 }),
      scale: fc.integer({ min: 3, max: 6 }),
    });
    fc.assert(
      fc.property(decimal, decimal, (a, b) => {
        const rounded = BigInt(multiply(a, b, 2, 'half-even'));
        const unit = 10n ** BigInt(a.scale + b.scale - 2);
        const off = 2n * (rounded * unit - BigInt(a.units) * BigInt(b.units));
        expect(off <= unit && off >= -unit).toBe(true);
        if (off === unit || off === -unit) expect(rounded % 2n).toBe(0n);
      }),
    );
  });

  it('refuses an amount that would not be exact', () => {
    const large = parseDecimal('99999999999999');
    expect(() => multiply(large, large, 2, 'half-even')).toThrow(
      expect.objectContaining({ rule: 'number.range' }),
    );
  });
});
