import type { PromiseTests } from './kit';
import { someEvent, someMetadata, someStream } from './kit';

/** Who reads slowly holds little; who writes fast is answered each time. */
export const backPressure: PromiseTests = (store) => {
  it('holds no more than a page for a reader that is slow', async () => {
    await store().append(
      [{ stream: someStream(), expected: 'new', events: Array.from({ length: 40 }, (_, n) => someEvent(n)) }],
      someMetadata(),
    );
    const abort = new AbortController();
    const sizes: number[] = [];
    for await (const message of store().subscribe({ after: 0n, pageSize: 4, signal: abort.signal })) {
      if (message.kind === 'live') abort.abort();
      else sizes.push(message.events.length);
    }
    expect(Math.max(...sizes)).toBeLessThanOrEqual(4);
  });

  it('answers many appends that are sent at once, to few streams and to many', async () => {
    const hot = someStream();
    const appends = Array.from({ length: 400 }, (_, n) =>
      store().append(
        [{ stream: n % 4 === 0 ? hot : someStream(), expected: 'any', events: [someEvent(n)] }],
        someMetadata(),
      ),
    );
    const positions = (await Promise.all(appends)).map(({ position }) => position);
    expect(new Set(positions).size).toBe(400);
    const numbers = (await store().readStream(hot)).map(({ data }) => (data as { n: number }).n);
    expect(numbers).toHaveLength(100);
    expect(new Set(numbers).size).toBe(100);
  });
};
