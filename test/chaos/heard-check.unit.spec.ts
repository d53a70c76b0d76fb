export {};

interface Message {
  readonly id: string;
  readonly type: string;
  readonly subject: string;
  readonly position: string;
  readonly revision: number;
}

interface Found {
  readonly words: readonly string[];
}

interface Checks {
  publicOf(log: readonly object[], contracts: readonly object[]): readonly Message[];
  checkFeed(wanted: readonly Message[], held: readonly Message[]): Found;
  checkHook(wanted: readonly Message[], received: readonly (Message & { readonly hook: string })[]): Found;
}

// A script that is run as it is, without a build.
const { publicOf, checkFeed, checkHook } = jest.requireActual<Checks>('./heard-check.cjs');

const LOG = ['a', 'b', 'a', 'a'].map((thing, index) => ({
  ...{ stream: `thing-${thing}`, type: 'thing-made.v1', id: `id${index}` },
  ...{ revision: index, position: String(index + 1), data: '{}' },
}));
const PRIVATE = { ...LOG[0], type: 'thing-noted.v1', id: 'id9', revision: 9, position: '9' };
const UNKNOWN = { id: 'id9.thing-noted.v1', type: 'guanxi.thing-noted.v1', subject: 'thing-a' };
const WANTED = publicOf([...LOG, PRIVATE], [{ contract: 'thing-made.v1', schema: {} }]);
const NOTHING = { missing: 0, doubled: 0, unknown: 0, disordered: 0 };

const heldIn = (order: readonly number[]): readonly Message[] =>
  order.map((index) => WANTED[index] ?? { ...UNKNOWN, position: '9', revision: 9 });
const feed = (order: readonly number[]): Found => checkFeed(WANTED, heldIn(order));
/** Each message under an id of its own, unless another one is named. */
const hook = (order: readonly number[], hooks: readonly string[] = []): Found =>
  checkHook(
    WANTED,
    heldIn(order).map((message, index) => ({ ...message, hook: hooks[index] ?? `msg${index}` })),
  );

it('wants what has a contract, as readers are told of it', () => {
  expect(WANTED).toHaveLength(4);
  expect(WANTED[1]).toEqual({
    ...{ id: 'id1.thing-made.v1', type: 'guanxi.thing-made.v1', subject: 'thing-b' },
    ...{ position: '2', revision: 1 },
  });
});

it.each([
  ['customer-profile-updated.v1', { changes: { party: null } }, { changes: { name: 'Other' } }],
  ['customer-profile-corrected.v1', { changes: { party: 'person' } }, { changes: {} }],
  ['deal-revised.v1', { title: 'Other', party: 1 }, { title: 'Other' }],
  ['product-revised.v1', { externalRef: 'X-1' }, { custom: {} }],
])('wants a change of what a contract knows alone: %s', (type, known, unknown) => {
  const log = [known, unknown].map((data) => ({ ...LOG[0], type, data: JSON.stringify(data) }));
  const schema = { properties: { party: {}, code: {} } };
  expect(publicOf(log, [{ contract: type, schema }])).toHaveLength(1);
  expect(publicOf(log.slice(1), [{ contract: type, schema }])).toEqual([]);
});

it('finds nothing where a reader has each event once, in the order of the log', () => {
  expect(feed([0, 1, 2, 3])).toEqual({ ...NOTHING, words: [] });
});

it('finds nothing where a receiver has each event once, in the order of its key, and drops doubles', () => {
  expect(hook([0, 1, 2, 3])).toEqual({ ...NOTHING, dropped: 0, words: [] });
  expect(hook([1, 0, 2, 3])).toEqual({ ...NOTHING, dropped: 0, words: [] });
  expect(hook([0, 0, 1, 2, 0, 3], ['m0', 'm0', 'm1', 'm2', 'm0', 'm3'])).toEqual({
    ...NOTHING,
    ...{ dropped: 2, words: [] },
  });
});

it.each([
  ['missing', [0, 1, 3], { missing: 1 }],
  ['missing at the end', [0, 1, 2], { missing: 1 }],
  ['missing with its key', [0, 2, 3], { missing: 1 }],
  ['doubled', [0, 1, 2, 3, 3], { doubled: 1 }],
  ['doubled later', [0, 1, 2, 3, 0], { doubled: 1 }],
  ['out of order', [0, 1, 3, 2], { disordered: 1 }],
  ['not public', [0, 1, 2, 3, 9], { unknown: 1 }],
])('finds what is %s, in the feed and among webhooks', (_what, order, wanted) => {
  for (const found of [feed(order), hook(order)]) {
    expect(found).toMatchObject({ ...NOTHING, ...wanted });
    expect(found.words).toHaveLength(1);
  }
});

it('finds what is out of order between keys in the feed alone', () => {
  expect(feed([1, 0, 2, 3])).toMatchObject({ ...NOTHING, disordered: 1 });
});

it.each(['id', 'type', 'subject', 'position', 'revision'])('finds an event with another %s', (field) => {
  const held = WANTED.map((event, index) => (index === 1 ? { ...event, [field]: 'x' } : event));
  const received = held.map((event, index) => ({ ...event, hook: `msg${index}` }));
  for (const found of [checkFeed(WANTED, held), checkHook(WANTED, received)])
    expect(found).toMatchObject({ ...NOTHING, missing: 1, unknown: 1 });
});

it('finds two events under one webhook-id', () => {
  const found = hook([0, 1, 2, 3], ['m0', 'm1', 'm0', 'm3']);
  expect(found).toMatchObject({ missing: 1 });
  expect(found.words[0]).toMatch(/^m0 was id0.*, and then id2/);
});
