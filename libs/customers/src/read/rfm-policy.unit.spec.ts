import { SEGMENTS, SEGMENT_GRID, segmentSql } from './rfm-policy';

describe('the RFM grid', () => {
  it('has a place for every segment and knows no other', () =>
    expect([...new Set(SEGMENT_GRID.flat())].sort()).toEqual([...SEGMENTS].sort()));

  it('puts those who buy now and much on top, and those who did neither last', () => {
    expect(SEGMENT_GRID[0][4]).toBe('champions');
    expect(SEGMENT_GRID[4][0]).toBe('lost');
    expect(SEGMENT_GRID[4][4]).toBe('cannot-lose');
    expect(SEGMENT_GRID[0][0]).toBe('new');
  });

  it('becomes SQL with a case for each of the 25 cells', () => {
    const sql = segmentSql('r', 'f', 'm');
    for (const recency of [1, 2, 3, 4, 5]) {
      for (const mean of [1, 2, 3, 4, 5]) {
        expect(sql).toContain(`when ${recency}${mean} then '${SEGMENT_GRID[5 - recency]?.[mean - 1]}'`);
      }
    }
  });
});
