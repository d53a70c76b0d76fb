import { dayExists, isInstant, parseInstant, plusMilliseconds } from './instant';

describe('an instant', () => {
  it.each([
    ['2026-03-01T09:30:00+08:00', '2026-03-01T01:30:00.000Z'],
    ['2024-02-29T00:00:00.123456Z', '2024-02-29T00:00:00.123Z'],
    ['0001-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z'],
    ['9999-12-31T23:59:59.999Z', '9999-12-31T23:59:59.999Z'],
  ])('%s is %s', (text, instant) => expect(parseInstant(text)).toBe(instant));

  it.each([
    '2026-03-01T09:30:00',
    '2026-03-01',
    '2026-02-30T00:00:00Z',
    '0000-01-01T00:00:00Z',
    '0001-01-01T00:00:00+14:00',
    '9999-12-31T23:59:59-14:00',
    '+012026-03-01T00:00:00Z',
    'yesterday',
  ])('%s is none', (text) => {
    expect(isInstant(text)).toBe(false);
    expect(() => parseInstant(text)).toThrow(expect.objectContaining({ code: 'instant.malformed' }));
  });

  it('moved by any time stays one that can be stored', () => {
    const year = 366 * 86_400_000;
    expect(plusMilliseconds(parseInstant('0001-06-01T00:00:00Z'), -year)).toBe('0001-01-01T00:00:00.000Z');
    expect(plusMilliseconds(parseInstant('9999-06-01T00:00:00Z'), year)).toBe('9999-12-31T23:59:59.999Z');
    expect(plusMilliseconds(parseInstant('2026-01-01T00:00:00Z'), -1)).toBe('2025-12-31T23:59:59.999Z');
  });
});

it.each([
  ['2024-02-29', true],
  ['2023-02-29', false],
  ['0001-01-01', true],
  ['0000-01-01', false],
  ['9999-12-31', true],
  ['10000-01-01', false],
])('the day %s exists: %s', (day, exists) => expect(dayExists(day)).toBe(exists));
