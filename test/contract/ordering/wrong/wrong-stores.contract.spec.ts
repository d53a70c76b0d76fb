import { askOracle } from '../oracle';
import { plainSequence } from './plain-sequence';
import { revisionOutside } from './revision-outside';
import { transactionId } from './transaction-id';

const FEW = { processes: 2, writersPerProcess: 4, appendsPerWriter: 20 };

describe('the ordering oracle catches', () => {
  it('a plain sequence: readers lose what commits behind their back', async () => {
    const verdict = await askOracle(plainSequence, FEW);
    expect(verdict.lost).toBeGreaterThan(0);
    expect(verdict).toMatchObject({ doubled: 0, forked: 0, starved: 0, misplaced: 0, uncalled: 0 });
  });

  it('an order by transaction id: streams run backwards, and readers wait for strangers', async () => {
    const verdict = await askOracle(transactionId, FEW);
    expect(verdict.inverted).toBeGreaterThan(0);
    // Whatever else runs on the server may keep readers waiting beyond the end.
    expect(verdict.starved + verdict.lost).toBeGreaterThan(0);
    expect(verdict).toMatchObject({ doubled: 0, forked: 0, misplaced: 0, uncalled: 0 });
  });

  it('a check of the revision outside of the transaction: one revision is given out twice', async () => {
    const verdict = await askOracle(revisionOutside, FEW);
    expect(verdict.forked).toBeGreaterThan(0);
    expect(verdict).toMatchObject({ doubled: 0, starved: 0, misplaced: 0, uncalled: 0 });
  });
});
