import { postgres } from './candidates';
import { faultsOf } from './judge';
import { askOracle } from './oracle';

it('keeps its order under 32 writers in 4 processes, with unrelated transactions open and followers behind', async () => {
  const verdict = await askOracle(postgres, { processes: 4, writersPerProcess: 8, appendsPerWriter: 150 });
  expect(faultsOf(verdict)).toEqual({
    ...{ lost: 0, doubled: 0, inverted: 0, gaps: 0, forked: 0 },
    ...{ starved: 0, misplaced: 0, uncalled: 0, refusedWrongly: 0 },
  });
  // A run in which nobody met anybody would prove nothing.
  expect(verdict.appends).toBeGreaterThan(32 * 150);
  expect(verdict.refused).toBeGreaterThan(0);
  expect(verdict.followers).toBe(8);
});
