import fc from 'fast-check';
import { reproduction } from './counterexample';
import { Coverage } from './coverage';
import { play } from './history/play';
import { histories } from './history/steps';
import { models } from './models';
import { differenceIn } from './read-models';
import { runs } from './runs';

describe('every read model, on both time axes', () => {
  const coverage = new Coverage();

  it(
    'says at each moment what the events known then and true then say',
    async () => {
      await fc.assert(
        fc.asyncProperty(histories(60), async (steps) => {
          const played = await play(steps);
          coverage.add(played);
          for (const model of models) {
            const { difference, comparisons } = differenceIn(model, played.log);
            coverage.comparisons += comparisons;
            if (!difference) continue;
            const { asOf, position, key, said } = difference;
            const what = `${model.name} of ${key} as of ${asOf}, known up to ${position}, says ${JSON.stringify(said)}`;
            throw new Error(
              `${reproduction(played, { what, position })}\n# true: ${JSON.stringify(difference.true)}`,
            );
          }
        }),
        { numRuns: runs(150) },
      );
    },
    runs.patience,
  );

  it('was asked about histories that have everything in them', () => {
    runs.tell(coverage);
    expect(coverage.share).toBeGreaterThan(0.9);
    expect(coverage.typesMissing).toEqual([]);
    expect(coverage.commandsMissing).toEqual([]);
    expect(coverage.lateFacts).toBeGreaterThan(3 * coverage.histories);
    expect(coverage.predating).toBeGreaterThan(coverage.histories / 4);
    expect(coverage.redatings).toBeGreaterThan(coverage.histories / 4);
  });
});
