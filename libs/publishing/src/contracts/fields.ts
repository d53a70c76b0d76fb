import type { PublicEvent } from './contract';
import type { JsonSchema } from './json-schema';
import { dataSchemaOf } from './json-schema';

/** A field of a contract's data, in words for people. */
export interface FieldWords {
  /** `lines[].quantity` */
  readonly field: string;
  readonly type: string;
  readonly required: boolean;
  /** What it means; empty where the contract does not say. */
  readonly description: string;
}

/** The fields of a contract's data, those inside of fields among them, in the order in which they are declared. */
export const contractFields = (contract: Pick<PublicEvent, 'schema'>): readonly FieldWords[] =>
  fieldsOf(dataSchemaOf(contract));

/** The fields of an object, those inside of fields among them, in the order in which they are declared. */
function fieldsOf({ properties = {}, required = [] }: JsonSchema, within = ''): readonly FieldWords[] {
  return Object.entries(properties).flatMap(([name, schema]) => {
    const field = `${within}${name}`;
    const own = {
      ...{ field, type: typeInWords(schema), required: required.includes(name) },
      description: schema.description ?? '',
    };
    return [own, ...inner(schema, field)];
  });
}

function inner(schema: JsonSchema, field: string): readonly FieldWords[] {
  if (schema.anyOf) return schema.anyOf.flatMap((branch) => inner(branch, field));
  if (schema.items) return inner(schema.items, `${field}[]`);
  return fieldsOf(schema, `${field}.`);
}

/** `string (uuid)`, `integer, at least 0`, `one of E, D, C`, `array of object`, `string or null`. */
export function typeInWords(schema: JsonSchema): string {
  const { anyOf, type, format, items, pattern, minLength, maxLength, minimum, exclusiveMinimum } = schema;
  if (anyOf) return anyOf.map(typeInWords).join(' or ');
  if (schema.enum) return `one of ${schema.enum.map(String).join(', ')}`;
  if (items) return `array of ${typeInWords(items)}`;
  const limits = [
    ...(pattern === undefined ? [] : [`like ${pattern}`]),
    ...lengthInWords(minLength, maxLength, format),
    ...(minimum === undefined ? [] : [`at least ${minimum}`]),
    ...(exclusiveMinimum === undefined ? [] : [`above ${exclusiveMinimum}`]),
  ];
  return [`${type ?? 'any value'}${format === undefined ? '' : ` (${format})`}`, ...limits].join(', ');
}

/** A format says more than the length that goes with it. */
function lengthInWords(
  shortest: number | undefined,
  longest: number | undefined,
  format: string | undefined,
): readonly string[] {
  if (format !== undefined || (shortest === undefined && longest === undefined)) return [];
  if (shortest === longest) return [`${longest} characters`];
  if (longest === undefined) return [`${shortest} characters or more`];
  return [`up to ${longest} characters`];
}
