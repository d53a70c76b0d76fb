import type { PromiseTests } from './kit';
import { someEvent, someMetadata, someStream } from './kit';

/** Closing ends what follows the log, and loses nothing that was on its way. */
export const closing: PromiseTests = (store) => {
  it('ends when its reader aborts and when the store closes', async () => {
    const abort = new AbortController();
    const ended = (async () => {
      for await (const message of store().subscribe({ after: 0n, signal: abort.signal })) {
        if (message.kind === 'live') abort.abort();
      }
      return 'ended';
    })();
    expect(await ended).toBe('ended');
    const closed = (async () => {
      for await (const message of store().subscribe({ after: 0n, signal: new AbortController().signal })) {
        if (message.kind === 'live') void store().close();
      }
      return 'closed';
    })();
    expect(await closed).toBe('closed');
  });

  it('answers what was sent before it closed', async () => {
    const stream = someStream();
    const appends = Array.from({ length: 50 }, (_, n) =>
      store().append([{ stream, expected: 'any', events: [someEvent(n)] }], someMetadata()),
    );
    await store().close();
    expect(await Promise.all(appends)).toHaveLength(50);
  });
};
