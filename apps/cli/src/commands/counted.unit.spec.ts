import type { Answer } from '../client/client';
import { countedInWords, untilCounted } from './counted';

const at = (head: string, ...positions: readonly string[]): Answer => ({
  status: 'ready',
  projections: {
    head,
    models: positions.map((position) => ({
      position,
      lag: String(BigInt(head) - BigInt(position)),
    })),
  },
});

/** Says one thing after another, and the last one from then on. */
function telling(...answers: readonly Answer[]): { look: () => Promise<Answer>; looks: () => number } {
  let looks = 0;
  const look = async (): Promise<Answer> => {
    looks += 1;
    return Promise.resolve(answers[Math.min(looks, answers.length) - 1] ?? {});
  };
  return { look, looks: () => looks };
}

const waiting = { screen: { write: () => true }, signal: new AbortController().signal, lookMs: 0 };

describe('waiting until queries count in what was recorded', () => {
  it('waits for the slowest read model, up to where the log ended at the beginning', async () => {
    const { look, looks } = telling(at('10', '3', '10'), at('20', '9', '20'), at('30', '10', '30'));
    expect(await untilCounted(look, waiting)).toEqual({ position: '10', counted: true });
    expect(looks()).toBe(3);
  });

  it('does not wait where all is counted in', async () => {
    const { look, looks } = telling(at('10', '10', '10'));
    expect(await untilCounted(look, waiting)).toEqual({ position: '10', counted: true });
    expect(looks()).toBe(1);
  });

  it('gives up on read models that stand still, and says how to wait for them', async () => {
    const counted = await untilCounted(telling(at('10', '3')).look, { ...waiting, patienceMs: 0 });
    expect(counted).toEqual({ position: '10', counted: false });
    expect(countedInWords(counted)).toContain('--min-position 10');
  });

  it('gives up when it is told to', async () => {
    const signal = AbortSignal.abort();
    expect(await untilCounted(telling(at('10', '3')).look, { ...waiting, signal })).toEqual({
      position: '10',
      counted: false,
    });
  });

  it('says nothing of a server that does not tell how far it is', async () => {
    const counted = await untilCounted(telling({ status: 'not-ready' }).look, waiting);
    expect(counted).toBeUndefined();
    expect(countedInWords(counted)).toBe('');
  });

  it('says nothing when the server has gone: what was sent is in', async () => {
    const gone = (): Promise<Answer> => Promise.reject(new Error('gone'));
    expect(await untilCounted(gone, waiting)).toBeUndefined();
  });
});
