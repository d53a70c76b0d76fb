import { csvOf } from './csv';

describe('CSV', () => {
  it('makes columns of nested fields and leaves out what is not there', () => {
    expect(
      csvOf([
        { id: 1, value: { amount: 5, currency: 'EUR' } },
        { id: 2, note: 'x', value: null },
      ]),
    ).toBe(['id,value.amount,value.currency,note', '1,5,EUR,', '2,,,x', ''].join('\r\n'));
  });

  it('has the columns of an object where it first stands, also as null', () => {
    expect(
      csvOf([
        { id: 1, lost: null, causes: 3 },
        { id: 2, lost: { amount: 5 }, causes: 4 },
      ]),
    ).toBe(['id,lost.amount,causes', '1,,3', '2,5,4', ''].join('\r\n'));
    expect(csvOf([{ lost: 7 }, { lost: { amount: 5 } }])).toBe(
      ['lost,lost.amount', '7,', ',5', ''].join('\r\n'),
    );
  });

  it.each([
    ['a,b', '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ['two\nlines', '"two\nlines"'],
    ['=1+1', `"'=1+1"`],
    ['+49 30', `"'+49 30"`],
    ['-x', `"'-x"`],
    ['@me', `"'@me"`],
    ['\tx', `"'\tx"`],
    [-5, '-5'],
    [true, 'true'],
    [['a', 'b'], '"[""a"",""b""]"'],
    ['', ''],
  ])('writes %j as %s', (value, cell) => {
    expect(csvOf([{ value }])).toBe(`value\r\n${cell}\r\n`);
  });

  it('is empty without rows', () => {
    expect(csvOf([])).toBe('');
  });
});
