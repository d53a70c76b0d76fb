import fc from 'fast-check';
import { medianStay } from './kaplan-meier';

describe('the median stay', () => {
  it('is that of a textbook sample: 6 6 6 7 10 13 16 22 23 weeks ended, 6 9 10 11 17 19 20 25 32 32 34 35 going on', () => {
    const ended = [6, 6, 6, 7, 10, 13, 16, 22, 23].map((days) => ({ days, ended: 1, ongoing: 0 }));
    const ongoing = [6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35].map((days) => ({
      days,
      ended: 0,
      ongoing: 1,
    }));
    expect(medianStay([...ended, ...ongoing])).toBe(23);
  });

  it('is the lower median where nothing goes on', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 50 }), { minLength: 1 }), (lengths) => {
        const sorted = [...lengths].sort((a, b) => a - b);
        const median = sorted[Math.ceil(sorted.length / 2) - 1];
        expect(medianStay(lengths.map((days) => ({ days, ended: 1, ongoing: 0 })))).toBe(median);
      }),
    );
  });

  it('is unknown while more than half go on', () => {
    expect(medianStay([{ days: 3, ended: 1, ongoing: 2 }])).toBeNull();
    expect(medianStay([])).toBeNull();
  });
});
