import { amountInWords, percent } from './amounts';
import { shownAnswer } from './answer';
import { column, columnsOf, fields, table } from './table';

describe('amounts', () => {
  it.each([
    [1_250_000, 'CNY', '12,500.00 CNY'],
    [-5, 'USD', '-0.05 USD'],
    [1_250_000, 'JPY', '1,250,000 JPY'],
    [1_234_567, 'KWD', '1,234.567 KWD'],
    [100, '???', '1.00 ???'],
    [0, 'XXX', '0'],
    [5, 'XXX', '0.05 XXX'],
  ])('%d minor units of %s are %s', (amount, currency, words) => {
    expect(amountInWords({ amount, currency })).toBe(words);
  });

  it('shows a share as per cent', () => expect(percent(0.0606)).toBe('6.06 %'));
});

describe('a table', () => {
  const rows = [
    { stage: 'E', value: { amount: 100, currency: 'CNY' }, rate: 0.5, age: { p90: null } },
    { stage: 'D', value: { amount: 123_456_700, currency: 'CNY' }, rate: null, age: { p90: 3.14159 } },
  ];

  it('puts numbers to the right and what is missing as a dash', () => {
    const columns = [
      column('stage'),
      column('value'),
      column('rate', 'rate', 'percent'),
      column('age.p90', 'p90', 'short'),
    ];
    expect(table(rows, columns).split('\n')).toEqual([
      'stage             value     rate  p90',
      '-----  ----------------  -------  ---',
      'E              1.00 CNY  50.00 %    -',
      'D      1,234,567.00 CNY        -  3.1',
    ]);
  });

  it('leaves out a column that no row fills', () => {
    expect(table([{ a: 1 }], [column('a'), column('b')])).toBe('a\n-\n1');
  });

  it('finds the columns of whatever comes, money being one value', () => {
    expect(columnsOf([{ a: { b: 1 }, m: { amount: 1, currency: 'CNY' } }, { winRate: 0.1 }])).toEqual([
      column('a.b'),
      column('m'),
      column('winRate', 'winRate', 'percent'),
    ]);
  });

  it('tells one thing in full, and in a list what is asked for in full', () => {
    const reason = `${'because '.repeat(20)}\u001b[31mof it`;
    const whole = `${'because '.repeat(20)} [31mof it`;
    expect(fields({ reason }, [column('reason')])).toBe(`reason  ${whole}`);
    expect(table([{ reason }], [column('reason', 'reason', 'whole')]).split('\n')[2]).toBe(whole);
  });

  it("keeps text on one line, out of the terminal's way, and not too wide", () => {
    const text = table([{ a: `x\u001b[31m\ny` }, { a: 'z'.repeat(80) }], [column('a')]);
    expect(text).not.toContain('\u001b');
    expect(text.split('\n')).toHaveLength(4);
    expect(Math.max(...text.split('\n').map((line) => line.length))).toBe(48);
  });

  it('shows one thing a field a line', () => {
    expect(fields({ a: 1, deep: { b: 'x' } }, [column('a'), column('deep.b', 'of b'), column('c')])).toBe(
      'a     1\nof b  x',
    );
  });
});

describe('an answer with a view', () => {
  const view = {
    lists: [
      { path: 'total.reasons', title: 'reasons' },
      { path: 'groups', columns: [column('key'), column('label')] },
    ],
    next: '--after ',
  };

  it('finds lists deep in the answer, and says what leads on', () => {
    expect(shownAnswer({ total: { reasons: [{ reason: 'price' }] }, nextCursor: '5' }, view)).toBe(
      ['reasons\nreason\n------\nprice', 'more with --after 5'].join('\n\n'),
    );
  });

  it.each([
    [[{ key: 'West', label: 'West' }], 'key\n----\nWest'],
    [
      [
        { key: 'S-1', label: 'Ann' },
        { key: 'x', label: 'x' },
      ],
      'key  label\n---  -----\nS-1  Ann\nx    x',
    ],
  ])('shows labels where they say more than the keys: %j', (groups, text) => {
    expect(shownAnswer({ groups }, view)).toBe(text);
  });
});

describe('an answer without a view', () => {
  it('shows lists as tables, the rest as figures, and how to go on', () => {
    const answer = {
      ...{ asOf: 'T1', asKnownAt: 'T2', position: '7', policyVersion: 0 },
      ...{ count: 2, items: [{ name: 'Acme' }], none: [], nextCursor: 'abc' },
    };
    expect(shownAnswer(answer)).toBe(
      [
        'as of T1, as known at T2 (position 7)',
        'count  2',
        'items\nname\n----\nAcme',
        'none\nnone',
        'more with --cursor abc',
      ].join('\n\n'),
    );
  });
});
