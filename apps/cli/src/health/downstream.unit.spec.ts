import { downstreamChecks } from './downstream';

const look = (downstream: object) =>
  downstreamChecks({ downstream: { countsEvents: true, webhooks: [], ...downstream } });
const relay = { up: true, phase: 'relaying', lag: '0', lagSeconds: 0, parked: 0 };
const webhook = { webhook: 'w-1', status: 'enabled', lag: '0', lagSeconds: 0, waitingKeys: 0 };

it('finds nothing to say of a server that tells nothing', () => {
  expect(downstreamChecks({})).toEqual([]);
  expect(look({})).toEqual([]);
});

it('tells events and seconds of relay, feed and each webhook', () => {
  expect(
    look({
      relay: { ...relay, lag: '1200', lagSeconds: 2.34 },
      feed: { open: 3, lag: '7', lagSeconds: 0.5 },
      webhooks: [{ ...webhook, lag: '9', lagSeconds: 61 }, webhook],
    }),
  ).toEqual([
    { name: 'Kafka', ok: true, detail: '1200 events and 2.3 s behind' },
    { name: 'feed', ok: true, detail: '3 open, the slowest 7 events and 0.5 s behind' },
    { name: 'webhook w-1', ok: true, detail: '9 events and 61.0 s behind' },
    { name: 'webhook w-1', ok: true, detail: 'up to date' },
  ]);
});

it('tells seconds alone where positions do not count events', () => {
  const [check] = look({ countsEvents: false, relay: { ...relay, lag: '90210', lagSeconds: 61 } });
  expect(check).toMatchObject({ ok: true, detail: '61.0 s behind' });
});

it.each([
  [
    { up: false, phase: 'waiting', reason: 'no broker answers', lag: '4', lagSeconds: 9 },
    'nothing is published (waiting: no broker answers), 4 events and 9.0 s behind',
  ],
  [{ up: false, phase: 'relaying' }, 'nothing is published (relaying), up to date'],
  [{ up: false, phase: undefined }, 'nothing is published (never begun), up to date'],
])('says what keeps the relay: %j', (more, detail) => {
  expect(look({ relay: { ...relay, ...more } })).toEqual([
    { name: 'Kafka', ok: false, detail, advice: expect.stringContaining('guanxi publish status') },
  ]);
});

it('lets a relay begin', () => {
  expect(look({ relay: { ...relay, up: false, phase: 'opening' } })).toMatchObject([{ ok: true }]);
});

it('leads from keys that are not published to what mends them', () => {
  expect(look({ relay: { ...relay, parked: 2 } })).toMatchObject([
    { ok: true },
    {
      ok: false,
      detail: '2 keys are not published',
      advice: expect.stringContaining('guanxi publish retry --all'),
    },
  ]);
});

it('says when nobody reads the feed', () => {
  expect(look({ feed: { open: 0, lag: '0', lagSeconds: 0 } })).toEqual([
    { name: 'feed', ok: true, detail: 'nobody reads it' },
  ]);
});

it('tells of a webhook that fails or is disabled, as no fault of the product', () => {
  const failing = { ...webhook, lag: '5', lagSeconds: 30, waitingKeys: 2 };
  expect(look({ webhooks: [failing, { ...webhook, status: 'disabled' }] })).toEqual([
    {
      name: 'webhook w-1',
      ok: true,
      detail: '5 events and 30.0 s behind, 2 keys wait after a failure',
      advice: '"guanxi webhooks deliveries w-1 --status waiting" shows what its receiver answered',
    },
    {
      name: 'webhook w-1',
      ok: true,
      detail: 'disabled, up to date',
      advice: '"guanxi webhooks list" says why',
    },
  ]);
});
