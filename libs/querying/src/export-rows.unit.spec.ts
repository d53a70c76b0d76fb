import { rowsOf } from './export-rows';

describe('rows of an exported answer', () => {
  const board = { stages: [{ stage: 'E' }], total: { count: 3 }, groups: [{ key: 'West' }] };

  it('are the list that the query names', () => {
    expect(rowsOf(board, 'stages', false)).toEqual([{ stage: 'E' }]);
    expect(rowsOf({ items: [1, 2] }, 'items', false)).toEqual([1, 2]);
  });

  it('are the groups of a split, also where the query names another list', () => {
    expect(rowsOf(board, 'stages', true)).toEqual([{ key: 'West' }]);
    expect(rowsOf({ total: { count: 0 }, groups: [] }, 'groups', true)).toEqual([]);
  });

  it.each([{ total: { count: 3 }, groups: [] }, { total: { count: 3 } }])(
    'are the total where %j is not split',
    (answer) => {
      expect(rowsOf(answer, 'groups', false)).toEqual([{ count: 3 }]);
    },
  );

  it('are none where the answer has no such list', () => {
    expect(rowsOf({ stages: 'x' }, 'stages', false)).toEqual([]);
    expect(rowsOf({}, 'groups', false)).toEqual([]);
  });
});
