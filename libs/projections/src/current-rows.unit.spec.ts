import { parseInstant } from '@guanxi/kernel';
import { CurrentRows } from './current-rows';
import { accounts } from './testing/ledger-model';
import { KeyVersions } from './versions';

const AT = parseInstant('2026-01-01T00:00:00.000Z');
const versionsOf = (balance: number): KeyVersions =>
  new KeyVersions(accounts, 'key', { row: { balance }, validFrom: AT, openedPos: 1n }, AT);
const written = (balance: number): Map<string, KeyVersions> => new Map([['key', versionsOf(balance)]]);

/** Rows that remember one balance of a key. */
function remembering(balance: number): CurrentRows {
  const rows = new CurrentRows(accounts);
  rows.begin(false);
  rows.note(written(balance));
  rows.commit();
  return rows;
}

describe('rows that were written last', () => {
  it('are known when they were committed, as rows that are stored', () => {
    const known = remembering(3).versionsOf('key');
    expect(known).toMatchObject({ current: { row: { balance: 3 } }, hadRow: true, currentChanged: false });
  });

  it('are not known before that', () => {
    const rows = new CurrentRows(accounts);
    rows.begin(false);
    rows.note(written(3));
    expect(rows.versionsOf('key')).toBeUndefined();
  });

  it('are all read anew after a batch that came to nothing', () => {
    const rows = remembering(3);
    rows.begin(false);
    rows.note(written(4));
    rows.begin(false);
    expect(rows.versionsOf('key')).toBeUndefined();
    rows.commit();
    expect(rows.versionsOf('key')).toBeUndefined();
  });

  it('are all read anew after a batch that is written carefully', () => {
    const rows = remembering(3);
    rows.begin(true);
    rows.commit();
    expect(rows.versionsOf('key')).toBeUndefined();
  });

  it('are forgotten when others may write them, or when there is none any more', () => {
    const rows = remembering(3);
    rows.forget('key');
    expect(rows.versionsOf('key')).toBeUndefined();
    const others = remembering(3);
    others.begin(false);
    others.note(new Map([['key', new KeyVersions(accounts, 'key')]]));
    expect(others.versionsOf('key')).toBeUndefined();
  });
});
