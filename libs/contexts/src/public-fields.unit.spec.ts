import type { FieldWords, PublicEvent } from '@guanxi/publishing';
import { contractFields, contractName } from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import { contexts } from '.';

/** Fields whose name means the same wherever it stands; others (`from`, `to`, `kind`) have the meaning of their event. */
const SAME_EVERYWHERE = [...['assumed', 'customerId', 'expectedCloseOn', 'ownerId', 'productId', 'revision']];

const contracts = contexts.flatMap(({ publishes = [] }) => publishes.flatMap(({ events }) => events));
const named = contracts.map((contract) => [contractName(contract), contract] as const);

/** Fields that a reader who knows nothing of our code cannot understand. */
const unexplained = (contract: Pick<PublicEvent, 'schema'>): readonly string[] =>
  contractFields(contract)
    .filter(({ description }) => !isPlain(description))
    .map(({ field, description }) => `${field}: ${JSON.stringify(description)}`);

/** One sentence or two of plain ASCII: no markup, and not so long that nobody reads it. */
const isPlain = (words: string): boolean =>
  /^[A-Z][ -~]*[.]$/.test(words) && !/[`*#<>|]|\b_|_\b/.test(words) && isShort(words);

const isShort = (words: string): boolean => words.length <= 240 && words.split(/[.] /).length <= 2;

it.each(named)('%s: says in plain words what each of its fields means', (_name, contract) => {
  expect(unexplained(contract)).toEqual([]);
});

it('finds a field without words, also inside of others, and words that are none', () => {
  const bare = { description: 'Which one.' };
  const lines = Type.Array(Type.Object({ product: Type.String(), value: Type.Integer(bare) }), bare);
  const schema = Type.Object({
    ...{ lines, told: Type.String(bare), marked: Type.String({ description: 'A `code`.' }) },
    empty: Type.Optional(Type.Union([Type.Object({ inner: Type.Null() }), Type.Null()])),
    lost: Type.String({ description: 'One. Two. Three.' }),
    long: Type.String({ description: `${'word '.repeat(50)}.` }),
  });
  expect(unexplained({ schema }).map((words) => words.split(':')[0])).toEqual([
    ...['lines[].product', 'marked', 'empty', 'empty.inner', 'lost', 'long'],
  ]);
});

it.each(SAME_EVERYWHERE)('%s means the same in every event that has it', (name) => {
  const fields = contracts.flatMap(contractFields).filter(({ field }) => lastOf(field) === name);
  expect(fields.length).toBeGreaterThan(1);
  expect([...new Set(fields.map(({ description }) => description))]).toHaveLength(1);
});

const lastOf = (field: FieldWords['field']): string => field.split('.').at(-1) ?? field;
