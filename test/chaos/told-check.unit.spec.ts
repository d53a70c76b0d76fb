export {};

interface Check {
  hear(topic: string, partition: number, message: { key: Buffer; headers: object }): void;
  against(log: readonly object[], contracts: readonly object[]): { readonly words: readonly string[] };
}

// A script that is run as it is, without a build.
const { ToldCheck } = jest.requireActual<{ ToldCheck: new () => Check }>('./told-check.cjs');

const CONTRACTS = [{ contract: 'thing-made.v1', topic: 'things' }];
const LOG = ['a', 'b', 'a', 'a'].map((thing, index) => ({
  ...{ stream: `thing-${thing}`, type: 'thing-made.v1', id: `id${index}` },
  ...{ revision: index, position: String(index + 1) },
}));
const PRIVATE = { stream: 'thing-a', type: 'thing-noted.v1', id: 'id9', revision: 9, position: '9' };

/** What is found when these events of the log are told in this order. */
function found(order: readonly number[], partitionOf = (_index: number): number => 0) {
  const check = new ToldCheck();
  for (const index of order) {
    const { stream, type, id, revision, position } = LOG[index] ?? PRIVATE;
    const headers = { ce_id: `${id}.v1`, ce_type: `guanxi.${type}`, ce_revision: String(revision) };
    const buffers = Object.entries({ ...headers, 'guanxi-position': position });
    check.hear('things', partitionOf(index), {
      key: Buffer.from(stream),
      headers: Object.fromEntries(buffers.map(([name, value]) => [name, Buffer.from(value)])),
    });
  }
  return check.against([...LOG, PRIVATE], CONTRACTS);
}

const NOTHING = { keys: 2, public: 4, missing: 0, doubled: 0, unknown: 0, disordered: 0 };

it('finds nothing where each public event is told once, in the order of its key', () => {
  expect(found([0, 1, 2, 3])).toEqual({ ...NOTHING, words: [] });
  expect(found([1, 0, 2, 3])).toEqual({ ...NOTHING, words: [] });
});

it.each([
  ['missing', [0, 1, 3], { missing: 1 }],
  ['missing at the end', [0, 1, 2], { missing: 1 }],
  ['missing with its key', [0, 2, 3], { missing: 1 }],
  ['doubled', [0, 1, 2, 3, 3], { doubled: 1 }],
  ['doubled later', [0, 1, 2, 3, 0], { doubled: 1 }],
  ['out of order', [0, 1, 3, 2], { disordered: 1 }],
  ['not public', [0, 1, 2, 3, 9], { unknown: 1 }],
])('finds what is %s', (_what, order, wanted) => {
  const { words, ...sums } = found(order);
  expect(sums).toEqual({ ...NOTHING, ...wanted });
  expect(words).toHaveLength(1);
});

it('finds a key in several partitions', () => {
  expect(found([0, 1, 2, 3], (index) => index).words).toEqual(['things thing-a is in several partitions']);
});
