import fc from 'fast-check';
import { dataOf, jsonData, moment, pairs, whole } from './arguments';
import { WrongUse } from './failures';

it('takes a day for its beginning, and leaves every other text to the server', () => {
  expect(moment('2026-03-01')).toBe('2026-03-01T00:00:00Z');
  expect(moment('2026-03-01T08:00:00+08:00')).toBe('2026-03-01T08:00:00+08:00');
  expect(moment('yesterday')).toBe('yesterday');
});

describe('fields of a command', () => {
  it('lead into objects and are JSON where they look like it', () => {
    expect(
      dataOf(['value.amount=1250', 'value.currency=CNY', 'ok=true', 'none=null', 'lines=[{"a":1}]']),
    ).toEqual({
      ...{ value: { amount: 1250, currency: 'CNY' }, ok: true, none: null, lines: [{ a: 1 }] },
    });
  });

  it('stay text when quoted, when they are no JSON, and behind the first equals sign', () => {
    expect(dataOf(['a="1001"', 'b=2026-03-01', 'c=-x', 'd=x=y', 'e='])).toEqual({
      ...{ a: '1001', b: '2026-03-01', c: '-x', d: 'x=y', e: '' },
    });
  });

  it('can have any name without touching what objects inherit', () => {
    const data = dataOf(['__proto__.polluted=1']);
    expect(Object.keys(data)).toEqual(['__proto__']);
    expect(Reflect.get({}, 'polluted')).toBeUndefined();
  });

  it.each([[['a']], [['=1']], [['a=1', 'a.b=2']]])('refuse %j', (texts) => {
    expect(() => dataOf(texts)).toThrow(WrongUse);
  });

  it('take any text as it was quoted', () => {
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(dataOf([`a=${JSON.stringify(text)}`])).toEqual({ a: text });
      }),
    );
  });
});

it('reads JSON data, and refuses what is no object', () => {
  expect(jsonData('{"a":1}', '--data')).toEqual({ a: 1 });
  for (const text of ['[1]', '1', '{', '']) expect(() => jsonData(text, '--data')).toThrow(/--data/);
});

it('reads pairs and whole numbers within limits', () => {
  expect(pairs(['a=1', 'b=x=y'])).toEqual({ a: '1', b: 'x=y' });
  expect(whole(1, 10)('7')).toBe(7);
  for (const text of ['0', '11', '1.5', 'x', '-1']) expect(() => whole(1, 10)(text)).toThrow(/from 1 to 10/);
});
