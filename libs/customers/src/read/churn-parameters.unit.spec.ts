import { validateInput } from '@guanxi/commanding';
import { ChurnParameters } from './churn-history';

describe('the parameters of churn history', () => {
  it('take a margin, and the whole revenue where none is given', () => {
    expect(validateInput(ChurnParameters, { margin: '0.05' }).margin).toBe(0.05);
    expect(validateInput(ChurnParameters, {}).margin).toBe(1);
  });

  it.each(['', 'x', '-0.1', '1.1'])('refuse the margin %j, which would make another loss of it', (margin) => {
    expect(() => validateInput(ChurnParameters, { margin })).toThrow(
      expect.objectContaining({
        errors: expect.arrayContaining([expect.objectContaining({ field: 'margin' })]),
      }),
    );
  });
});
