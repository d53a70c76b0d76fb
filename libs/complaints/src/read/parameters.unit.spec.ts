import { validateInput } from '@guanxi/commanding';
import { ComplaintParameters } from './complaint-list';
import { FiguresParameters } from './figures';

describe('the parameters of the complaint list', () => {
  it('take several values between commas, and a custom field once or more often', () => {
    const query = { status: 'filed,resolved', severity: '2', attribute: 'plan:gold, silver' };
    expect(validateInput(ComplaintParameters, query)).toMatchObject({
      status: ['filed', 'resolved'],
      severity: 2,
      attribute: ['plan:gold, silver'],
      limit: 100,
    });
    expect(validateInput(ComplaintParameters, { attribute: ['plan:gold', 'company:A'] })).toMatchObject({
      attribute: ['plan:gold', 'company:A'],
    });
    expect(validateInput(ComplaintParameters, {}).attribute).toBeUndefined();
  });

  it.each([
    ['status', { status: 'filed,lost' }],
    ['severity', { severity: '5' }],
    ['attribute', { attribute: "x' or true:1" }],
    ['attribute', { attribute: 'plan' }],
    ['colour', { colour: 'red' }],
  ])('refuse a wrong %s', (field, query) => {
    expect(() => validateInput(ComplaintParameters, query)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ field })] }),
    );
  });
});

describe('the parameters of the figures', () => {
  it('are moments with an offset', () => {
    const from = '2026-03-01T00:00:00+08:00';
    expect(validateInput(FiguresParameters, { from, by: 'cause' })).toMatchObject({ from, by: 'cause' });
    expect(() => validateInput(FiguresParameters, { from: '2026-03-01' })).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ field: 'from' })] }),
    );
  });
});
