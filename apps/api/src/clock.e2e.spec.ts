import { runningProduct } from '../../../test/support/product';
import type { RunningProduct } from '../../../test/support/product';

const HOUR = 3_600_000;
const ALL_BUT_DATE: FakeableAPI[] = [
  ...(['hrtime', 'nextTick', 'performance', 'queueMicrotask', 'requestAnimationFrame'] as const),
  ...(['cancelAnimationFrame', 'requestIdleCallback', 'cancelIdleCallback', 'setImmediate'] as const),
  ...(['clearImmediate', 'setInterval', 'clearInterval', 'setTimeout', 'clearTimeout'] as const),
];

let guanxi: RunningProduct;

beforeAll(async () => {
  guanxi = await runningProduct();
});

afterAll(() => guanxi.stop());

afterEach(() => {
  jest.useRealTimers();
});

/** Sets the clock of this machine; the database's does not follow. */
function setClock(by: number): void {
  jest.useFakeTimers({ now: Date.now() + by, doNotFake: ALL_BUT_DATE });
}

const databaseTime = async (): Promise<string> => {
  const { rows } = await guanxi.product.pool.query<{ now: string }>(
    `select to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') as now`,
  );
  return rows[0]?.now ?? '';
};

const file = (more: object = {}): Promise<{ id: string; position: string }> =>
  guanxi.send('/v1/complaints', { channel: 'phone', cause: 'unknown', anonymous: true, ...more });

it.each([
  ['ahead', 2 * HOUR],
  ['behind', -2 * HOUR],
])('a machine whose clock is 2 hours %s tells no moment by it', async (_, by) => {
  const before = await databaseTime();
  setClock(by);
  const { id } = await file();
  await file({ occurredAt: before });
  const answer = await guanxi.get(`/v1/complaints/${id}`);
  const after = await databaseTime();
  const [filed] = await guanxi.product.store.readStream(`complaint-${id}`);
  for (const moment of [filed?.occurredAt, answer.asOf, answer.asKnownAt]) {
    expect(String(moment) >= before).toBe(true);
    expect(String(moment) <= after).toBe(true);
  }
  const again = await guanxi.ask(
    'GET',
    `/v1/complaints/${id}?asKnownAt=${answer.asKnownAt}&asOf=${answer.asOf}`,
  );
  expect(await again.json()).toEqual(answer);
});
