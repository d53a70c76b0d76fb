import { conflict } from '@guanxi/kernel';
import { explained, modelOf } from './rebuild-errors';

const failing = (code: string, message = 'it failed'): Error => Object.assign(new Error(message), { code });

it.each([
  ['rebuild.disk-full', failing('53100'), /disk of the database is full.*--cancel.*again to go on/],
  ['rebuild.spill-full', failing('ENOSPC'), /disk of \/spill is full.*--spill/],
  ['rebuild.spill-full', failing('EDQUOT'), /disk of \/spill is full/],
  ['rebuild.spill-refused', failing('EROFS'), /\/spill cannot be written \(EROFS\).*--spill/],
  ['rebuild.spill-refused', failing('ENOTDIR'), /\/spill cannot be written \(ENOTDIR\)/],
  [
    'rebuild.database-gone',
    failing('57P01', 'terminating connection'),
    /went away \(terminating connection\)/,
  ],
  ['rebuild.database-gone', failing('ECONNREFUSED'), /projections rebuild deals" again to go on/],
  ['rebuild.database-gone', new Error('Connection terminated unexpectedly'), /what is done is kept/],
])('says %s where that is what happened', (code, error, words) => {
  expect(explained(error, 'deals', '/spill')).toMatchObject({ code, message: expect.stringMatching(words) });
});

it('leaves alone what it has no better words for', () => {
  const own = conflict('rebuild.none', 'no rebuild');
  expect(explained(own, 'deals', '/spill')).toBe(own);
  const other = failing('42P01');
  expect(explained(other, 'deals', '/spill')).toBe(other);
});

it('names the read models that there are', () => {
  expect(() => modelOf([{ name: 'deals' }, { name: 'customers' }], 'deal')).toThrow(
    expect.objectContaining({
      code: 'projection.unknown',
      message: 'there is no projection "deal"; there are deals, customers',
    }),
  );
});
