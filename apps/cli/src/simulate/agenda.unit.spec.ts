import fc from 'fast-check';
import { Agenda } from './agenda';
import { Random } from './random';

function* nothing(): Generator<number, void, void> {}

it('gives out processes by moment, and those of one moment in the order in which they came', () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (moments) => {
      const agenda = new Agenda();
      const processes = moments.map((at) => ({ at, process: nothing() }));
      for (const { at, process } of processes) agenda.add(at, process);
      const out = processes.map(() => agenda.next()?.process);
      const expected = [...processes].sort((a, b) => a.at - b.at).map(({ process }) => process);
      expect(out.every((process, index) => process === expected[index])).toBe(true);
      expect(agenda.next()).toBeUndefined();
    }),
  );
});

describe('chance', () => {
  const draws = (random: Random): readonly number[] => Array.from({ length: 5_000 }, () => random.next());

  it('is the same for the same seed, and of its own for each actor', () => {
    expect(draws(new Random('a'))).toEqual(draws(new Random('a')));
    expect(draws(new Random('a').of('x'))).not.toEqual(draws(new Random('a').of('y')));
    const drawn = new Random('a');
    drawn.next();
    expect(draws(drawn.of('x'))).toEqual(draws(new Random('a').of('x')));
  });

  it('is even', () => {
    const all = draws(new Random('even'));
    expect(all.every((each) => each >= 0 && each < 1)).toBe(true);
    expect(all.reduce((sum, each) => sum + each, 0) / all.length).toBeCloseTo(0.5, 1);
  });

  it('follows weights, means and medians', () => {
    const random = new Random('shapes');
    const many = Array.from({ length: 5_000 }, () =>
      random.weighted([
        ['a', 3],
        ['b', 1],
        ['never', 0],
      ]),
    );
    expect(many.filter((each) => each === 'a').length / many.length).toBeCloseTo(0.75, 1);
    expect(many).not.toContain('never');
    const waits = Array.from({ length: 5_000 }, () => random.exponential(10));
    expect(waits.reduce((sum, each) => sum + each, 0) / waits.length).toBeCloseTo(10, -0.5);
    const sizes = Array.from({ length: 5_000 }, () => random.lognormal(100, 0.5)).sort((a, b) => a - b);
    expect((sizes[2_500] ?? 0) / 100).toBeCloseTo(1, 0.7);
  });
});
