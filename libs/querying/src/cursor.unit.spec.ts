import { fingerprintOf, readCursor, writeCursor } from './cursor';

const id = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';
const list = fingerprintOf(['-name', 'true', [], null]);

describe('a cursor', () => {
  it.each([
    ['text', 'Zoë "x"'],
    ['bigint', '-12'],
    ['double precision', '1.5e-7'],
    ['timestamptz', '2026-03-01 09:30:00.123+00'],
    ['date', '2026-03-01'],
    ['boolean', 'true'],
    ['uuid', id],
    ['integer', null],
  ] as const)('carries a value of type %s there and back', (type, value) => {
    expect(readCursor(writeCursor({ value, id }, list), list, type)).toEqual({ value, id });
  });

  it.each([
    ['bigint', 'DROP'],
    ['integer', '2147483648'],
    ['double precision', ''],
    ['timestamptz', 'now'],
    ['date', '2026-02-30'],
    ['uuid', '1'],
    ['text', 'a\u0000b'],
    ['jsonb', '{}'],
  ] as const)('refuses for type %s the value %j, which the database could not read', (type, value) => {
    expect(() => readCursor(writeCursor({ value, id }, list), list, type)).toThrow(
      expect.objectContaining({ code: 'cursor.malformed' }),
    );
  });

  it('is good for its own list alone', () => {
    const other = fingerprintOf(['name', 'true', [], null]);
    expect(() => readCursor(writeCursor({ value: 'a', id }, other), list, 'text')).toThrow(
      expect.objectContaining({ code: 'cursor.other-list' }),
    );
  });
});
