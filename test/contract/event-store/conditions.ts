import type { StreamWrite } from '@guanxi/event-store';
import { WrongExpectedRevision } from '@guanxi/event-store';
import type { PromiseTests } from './kit';
import { appendOneByOne, someEvent, someMetadata, someStream } from './kit';

/** A write without events says what must hold of a stream that is not written. */
export const conditions: PromiseTests = (store) => {
  it('writes only while the other stream is as expected, and leaves that stream alone', async () => {
    const other = someStream();
    const write = (): StreamWrite => ({ stream: someStream(), expected: 'new', events: [someEvent(1)] });
    const held = await store().append(
      [write(), { stream: other, expected: 'new', events: [] }],
      someMetadata(),
    );
    expect(held.streams[1]).toEqual({ stream: other, revision: -1 });
    expect(await store().readStream(other)).toEqual([]);
    await appendOneByOne(store(), other, 2);
    await store().append([write(), { stream: other, expected: 1, events: [] }], someMetadata());
    const refused = write();
    const refusal = await store()
      .append([refused, { stream: other, expected: 'new', events: [] }], someMetadata())
      .catch((error: unknown) => error);
    expect(refusal).toBeInstanceOf(WrongExpectedRevision);
    expect(refusal).toMatchObject({ stream: other, expected: 'new', actual: 1 });
    expect(await store().readStream(refused.stream)).toEqual([]);
    expect(await store().readStream(other)).toHaveLength(2);
  });
};
