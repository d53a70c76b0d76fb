import { Refusal } from './failures';
import { refusalInWords } from './refusal-words';

it('names each rule that is not met, in words', () => {
  const refusal = new Refusal({
    ...{ code: 'deal.criteria-missing', detail: 'not yet B', status: 409 },
    ...{
      facts: { missing: ['budget', 'somethingNew'] },
      errors: [{ field: 'a', rule: 'isInt', message: 'must be whole' }],
    },
  });
  expect(refusalInWords(refusal)).toBe(
    [
      'refused: not yet B (deal.criteria-missing)',
      '  - a: must be whole (isInt)',
      '  - budget: the budget was discussed and is reasonable (ConfirmCriterion)',
      '  - somethingNew: not met yet',
    ].join('\n'),
  );
});

it('makes do with whatever a problem says', () => {
  expect(refusalInWords(new Refusal({}))).toBe('refused: refused (refused)');
  expect(new Refusal({ errors: 'x', facts: 1 })).toMatchObject({ errors: [], missing: [], status: 0 });
});
