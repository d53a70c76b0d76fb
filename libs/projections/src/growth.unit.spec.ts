import { Growth } from './growth';

it('says of each generation when it has grown eightfold, and not before it is worth it', () => {
  const growth = new Growth();
  const due = [1_000, 2_999, 1, 27_999, 1].map((events) => growth.hasGrown('deals_v1', events));
  expect(due).toEqual([false, false, true, false, true]);
  expect(growth.hasGrown('deals_v2', 3_999)).toBe(false);
  expect(growth.hasGrown('deals_v2', 1)).toBe(true);
});
