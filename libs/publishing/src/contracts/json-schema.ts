import type { PublicEvent } from './contract';
import { contractName } from './contract';
import { schemaUri } from './public-message';

/** A JSON Schema, or a part of one, as plain data. */
export interface JsonSchema {
  readonly $schema?: string;
  readonly $id?: string;
  readonly title?: string;
  readonly description?: string;
  readonly deprecated?: boolean;
  readonly type?: string;
  readonly format?: string;
  readonly pattern?: string;
  readonly minLength?: number;
  readonly maxLength?: number;
  readonly minimum?: number;
  readonly exclusiveMinimum?: number;
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
  readonly anyOf?: readonly JsonSchema[];
  readonly [keyword: string]: unknown;
}

const DIALECT = 'https://json-schema.org/draft/2020-12/schema';

/**
 * The schema of a contract's data for readers (JSON Schema 2020-12). Objects stay open: readers must bear fields that
 * they do not know, because an optional one may be added at any time.
 */
export function jsonSchemaOf(contract: PublicEvent): JsonSchema {
  return {
    $schema: DIALECT,
    $id: schemaUri(contract),
    title: contractName(contract),
    description: contract.summary,
    ...(contract.deprecated && { deprecated: true }),
    ...dataSchemaOf(contract),
  };
}

/** The same without what only a schema that stands alone says. */
export const dataSchemaOf = ({ schema }: Pick<PublicEvent, 'schema'>): JsonSchema => plain(schema);

/** A choice between literals becomes an `enum`; symbols of the schema library are left behind. */
function plain(schema: object): JsonSchema {
  // People read the type first.
  const words: Record<string, unknown> = 'type' in schema ? { type: schema.type } : {};
  for (const [keyword, value] of Object.entries(schema)) {
    if (keyword === 'properties') words[keyword] = eachPlain(value);
    else if (Array.isArray(value))
      words[keyword] = value.map((each: unknown) => (isObject(each) ? plain(each) : each));
    else words[keyword] = isObject(value) ? plain(value) : value;
  }
  return withEnum(words);
}

function eachPlain(properties: unknown): Record<string, JsonSchema> {
  const entries = isObject(properties) ? Object.entries(properties) : [];
  return Object.fromEntries(entries.map(([name, schema]) => [name, isObject(schema) ? plain(schema) : {}]));
}

/** A literal is a list of one; a choice between lists is their list. */
function withEnum(schema: JsonSchema): JsonSchema {
  if ('const' in schema) {
    const { const: value, ...rest } = schema;
    return { ...rest, enum: [value] };
  }
  const { anyOf, ...rest } = schema;
  const lists = anyOf?.map((branch) => branch.enum) ?? [];
  const values = lists.flatMap((list) => list ?? []);
  if (values.length === 0 || lists.includes(undefined)) return schema;
  const [type, ...others] = new Set(anyOf?.map((branch) => branch.type));
  return { ...(type !== undefined && others.length === 0 && { type }), enum: values, ...rest };
}

export const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
