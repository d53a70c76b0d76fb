import { validateInput } from '@guanxi/commanding';
import { EventParameters } from './event-list';

describe('the parameters of the event list', () => {
  it('are all optional', () => {
    expect(validateInput(EventParameters, {})).toMatchObject({ limit: 100 });
    const query = {
      after: '17',
      type: 'deal-won.v1,deal-lost.v1',
      stream: 'deal-1',
      customer: 'NB',
      limit: '5',
    };
    expect(validateInput(EventParameters, query)).toMatchObject({
      ...query,
      type: ['deal-won.v1', 'deal-lost.v1'],
      limit: 5,
    });
  });

  it.each([
    ['after', { after: '-1' }],
    ['after', { after: '1.5' }],
    ['limit', { limit: '0' }],
    ['limit', { limit: '10001' }],
    ['type', { type: '' }],
    ['name', { name: 'x' }],
  ])('refuse a wrong %s', (field, query) => {
    expect(() => validateInput(EventParameters, query)).toThrow(
      expect.objectContaining({ errors: [expect.objectContaining({ field })] }),
    );
  });
});
