import { readAhead } from './read-ahead';

/** Numbers up to a limit, with a note of each that was asked for. */
async function* counted(limit: number, asked: number[], ended: string[]): AsyncIterable<number> {
  try {
    for (let number = 1; number <= limit; number += 1) {
      asked.push(number);
      await Promise.resolve();
      yield number;
    }
  } finally {
    ended.push('ended');
  }
}

describe('reading ahead', () => {
  it('asks for the next value while one is worked on, where more is expected', async () => {
    const asked: number[] = [];
    const seen: (readonly [value: number, asked: number])[] = [];
    for await (const value of readAhead(counted(4, asked, []), (number) => number < 3))
      seen.push([value, asked.length]);
    expect(seen).toEqual([
      [1, 2],
      [2, 3],
      [3, 3],
      [4, 4],
    ]);
  });

  it('ends its source when nobody listens any more', async () => {
    const ended: string[] = [];
    for await (const value of readAhead(counted(9, [], ended), () => true)) if (value === 2) break;
    expect(ended).toEqual(['ended']);
  });

  it('tells of a failure after what came before it', async () => {
    async function* failing(): AsyncIterable<number> {
      yield 1;
      await Promise.resolve();
      throw new Error('the log is away');
    }
    const seen: number[] = [];
    const read = async (): Promise<void> => {
      for await (const value of readAhead(failing(), () => true)) {
        await new Promise((resolve) => setImmediate(resolve));
        seen.push(value);
      }
    };
    await expect(read()).rejects.toThrow('the log is away');
    expect(seen).toEqual([1]);
  });
});
