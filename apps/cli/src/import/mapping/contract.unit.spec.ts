import { CommandCatalogue, validateInput } from '@guanxi/commanding';
import { complaintsContext } from '@guanxi/complaints';
import { customersContext } from '@guanxi/customers';
import { dealsContext } from '@guanxi/deals';
import { steeringContext } from '@guanxi/steering';
import type { JsonValue } from '../types';
import {
  contracts,
  dealLine,
  endRelationship,
  purchaseLine,
  type CommandContract,
  type FieldType,
} from './contract';

const catalogue = new CommandCatalogue(
  [customersContext, dealsContext, complaintsContext, steeringContext].flatMap(({ commands }) => commands),
);
const id = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';

/** Values of a type; of a choice, every one. */
function samples(type: FieldType): readonly JsonValue[] {
  if (typeof type === 'object') return 'ref' in type ? [id] : type.oneOf;
  switch (type) {
    case 'text':
      return ['import'];
    case 'texts':
      return [['a', 'b']];
    case 'number':
    case 'whole':
    case 'amount':
      return [2];
    case 'boolean':
      return [true];
    case 'money':
      return [{ amount: 1250, currency: 'USD' }];
    case 'instant':
      return ['2020-01-02T03:04:05.000Z'];
  }
}

/** Fields whose texts are a choice of the server's own. */
const choices: Readonly<Record<string, JsonValue>> = {
  'acquisition.referralKind': 'ordinary',
  dataSource: 'import',
};

function given(
  { command, fields, attributes, assumed }: CommandContract,
  turn: number,
): Record<string, JsonValue> {
  const data: Record<string, JsonValue> = {};
  const acquisition: Record<string, JsonValue> = {};
  for (const [name, { type }] of Object.entries(fields)) {
    const options = samples(type);
    const value = choices[name] ?? options[turn % options.length] ?? '';
    const [outer = name, inner] = name.split('.');
    if (inner === undefined) data[outer] = value;
    else acquisition[inner] = value;
  }
  if (Object.keys(acquisition).length > 0) data['acquisition'] = acquisition;
  if (attributes) data['attributes'] = { a: 'x', b: 1, c: true };
  if (assumed !== false) data['assumed'] = assumed === true ? ['anything'] : assumed;
  if (command === 'RecordPurchase') Object.assign(data, { currency: 'USD', lines: [line(purchaseLine)] });
  if (command === 'ImportDeal') data['lines'] = [line(dealLine)];
  return data;
}

/** Prices become revenue and cost before they are sent. */
function line(fields: typeof purchaseLine): Record<string, JsonValue> {
  const sent = Object.entries(fields).filter(([name]) => name !== 'price' && name !== 'unitCost');
  return Object.fromEntries(sent.map(([name, { type }]) => [name, samples(type)[0] ?? '']));
}

describe.each([...Object.values(contracts), endRelationship].map((each) => [each.command, each] as const))(
  'what import sends as %s',
  (command, contract) => {
    const input = catalogue.find(command)?.input ?? Object;
    const turns = Object.values(contract.fields).map(({ type }) => samples(type).length);

    it.each([...Array(Math.max(...turns)).keys()])(
      'is what the command takes, every field and choice (%d)',
      (turn) => {
        expect(() => validateInput(input, given(contract, turn))).not.toThrow();
      },
    );

    it('must have there what it must have here', () => {
      const required = Object.keys(contract.fields).filter((name) => contract.fields[name]?.required);
      for (const name of required) {
        const { [name]: _, ...rest } = given(contract, 0);
        expect(() => validateInput(input, rest)).toThrow(
          expect.objectContaining({
            errors: expect.arrayContaining([expect.objectContaining({ field: name })]),
          }),
        );
      }
    });
  },
);
