import { DELIVERY_POLICY } from './policy';
import type { CallOutcome } from './caller';
import { Caller } from './caller';
import type { Receiver } from '../testing/receiver';
import { ok, startReceiver } from '../testing/receiver';
import { RULES } from '../testing/notes';
import { until } from '../testing/world';

let receiver: Receiver;
let caller: Caller;

beforeEach(async () => {
  receiver = await startReceiver();
  caller = new Caller(RULES, { ...DELIVERY_POLICY, timeout: 2_000 }, Date.now);
});

afterEach(async () => {
  await caller.close();
  await receiver.close();
});

it('a call does not wait for others to the same host, however many of them are not answered', async () => {
  receiver.answering = (response, received, times) => {
    if (received.key === 'prompt') ok(response, received, times);
  };
  const call = (key: string): Promise<CallOutcome> =>
    caller.call(
      receiver.url,
      {},
      JSON.stringify({ subject: key, data: { n: 1 } }),
      new AbortController().signal,
    );
  const slow = Array.from({ length: DELIVERY_POLICY.atOnce }, () => call('slow'));
  await until(() => receiver.received.length === slow.length);
  expect(await call('prompt')).toEqual({ kind: 'delivered', answer: 204 });
  for (const each of slow) expect(await each).toMatchObject({ kind: 'failed' });
});
