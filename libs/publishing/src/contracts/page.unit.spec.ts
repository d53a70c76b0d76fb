import { thingMade, thingPublication } from '../testing/things';
import { contractsPage } from './page';
import { typeInWords } from './fields';

const second = { ...thingMade, version: 2 };
const ended = { ...thingMade, deprecated: { inFavourOf: 'thing-made.v2', until: '2027-01-31' } };
const page = contractsPage([{ ...thingPublication, events: [ended, second] }]);

it('shows text as text', () => {
  expect(page).toContain('Things &lt;of ours&gt;');
  expect(page).toContain('What was made &amp; lost.');
  expect(page).not.toContain('<of ours>');
});

it('says of a contract that comes to an end what to read in its place, and until when', () => {
  expect(page).toContain(
    'Deprecated: published until 2027-01-31. Read <a href="#thing-made.v2">thing-made.v2</a> in its place.',
  );
  expect(page.match(/Deprecated/g)).toHaveLength(1);
});

it('names every field, also inside of others, with what can stand there', () => {
  const rows = [
    ...page.matchAll(/<td[^>]*><code>(.*?)<\/code><\/td><td[^>]*>(.*?)<\/td><td[^>]*>(.*?)<\/td>/g),
  ];
  expect(rows.slice(0, 5).map(([, ...cells]) => cells)).toEqual([
    ['makerId', 'string (uuid)', 'always'],
    ['colour', 'one of red, green, blue', 'always'],
    ['value', 'object', 'optional'],
    ['value.amount', 'integer', 'always'],
    ['value.currency', 'string, 3 characters', 'always'],
  ]);
});

it.each([
  [{ anyOf: [{ type: 'integer', minimum: 0 }, { type: 'null' }] }, 'integer, at least 0 or null'],
  [{ type: 'array', items: { type: 'string', maxLength: 9 } }, 'array of string, up to 9 characters'],
  [{ type: 'string', minLength: 1 }, '1 characters or more'],
  [{ type: 'string', pattern: '^a$' }, 'string, like ^a$'],
  [{ type: 'number', exclusiveMinimum: 0 }, 'number, above 0'],
  [{}, 'any value'],
])('puts %j in words', (schema, words) => {
  expect(typeInWords(schema)).toContain(words);
});
