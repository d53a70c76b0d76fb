import { StateReader, stateRecords } from './state-codec';

const landmark = { position: 7n, stream: 'thing-1', revision: 2, id: 'an-id' };
const parked = { position: 5n, type: 'thing-counted.v2', contract: 'thing-counted.v1', reason: 'TypeError' };

function read(records: readonly { readonly key: string; readonly value: string | null }[]) {
  const reader = new StateReader('a/');
  for (const record of records) reader.take(record);
  return reader.state;
}

it('reads what it has written, and nothing of others', () => {
  const records = stateRecords(
    { position: 9n, landmark, selection: 's', parked: new Map([['thing-2', parked]]) },
    'a/',
  );
  const state = { position: 9n, landmark, selection: 's', parked: new Map([['thing-2', parked]]) };
  expect(read([...records, ...stateRecords({ position: 99n }, 'b/'), { key: 'null', value: null }])).toEqual(
    state,
  );
  expect(read(stateRecords({ position: 9n, landmark: null }, 'a/'))).toEqual({
    ...{ position: 9n, landmark: null, parked: new Map() },
  });
  expect(read(stateRecords({ position: 9n }, 'a/'))).toEqual({ position: 9n, parked: new Map() });
  expect(read([{ key: 'a/position', value: '{"position":"9"}' }])).toEqual({
    ...{ position: 9n, parked: new Map() },
  });
});

it.each([
  ['a position that was taken back', 'a/position', null],
  ['a selection that was taken back', 'a/selection', null],
  ['a position that is none', 'a/position', '{"position":"-1"}'],
  ['no JSON', 'a/position', 'x'],
  [
    'a landmark without an id',
    'a/position',
    '{"position":"1","landmark":{"position":"1","stream":"s","revision":0}}',
  ],
  ['a landmark that is a text', 'a/position', '{"position":"1","landmark":"s"}'],
  ['a parked key that says nothing', 'a/parked/s', '{}'],
])('refuses %s', (_what, key, value) => {
  expect(() => read([{ key, value }])).toThrow(
    `record ${key} of the checkpoint topic is not one that a relay writes`,
  );
});
