import { Filters } from './filters';

describe('filters', () => {
  it('joins what is asked for and numbers its parameters from where it is told', () => {
    const filters = new Filters()
      .equals('a', 1)
      .equals('b', undefined)
      .oneOf('c', ['x', 'y'])
      .anyEquals(['d', 'e'], 'ref')
      .atLeast('f', 2)
      .below('f', 9);
    expect(filters.where(3)).toBe(
      'a = $3 and c = any($4) and (d::text = $5 or e::text = $5) and f >= $6 and f < $7',
    );
    expect(filters.values).toEqual([1, ['x', 'y'], 'ref', 2, 9]);
  });

  it('takes signs of a pattern for themselves', () => {
    expect(new Filters().prefix('name', '50%_\\').values).toEqual(['50\\%\\_\\\\%']);
  });

  it('lets everything pass when nothing is asked', () => {
    expect(new Filters().where()).toBe('true');
  });
});
