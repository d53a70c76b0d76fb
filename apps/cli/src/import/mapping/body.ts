import { ImportFailure, RowFault, type JsonObject, type JsonValue } from '../types';
import type { CommandContract } from './contract';
import type { Body } from './document';
import type { Expression } from './expression';
import { compileField, type Compilation, type FieldReader } from './fields';
import { compileCondition, type Fields } from './read';

/** A command's data as a row gives them, still open for lines. */
export interface Filled {
  readonly data: Record<string, JsonValue>;
  readonly assumed: string[];
  readonly occurredAt?: string;
}

/** @param externalRef set as such unless the mapping fills the field itself */
export type BodyReader = (row: Fields, externalRef: string | undefined) => Filled;

/**
 * Compiles what the mapping says about one command.
 * @param ownTime true when its time comes from elsewhere if the mapping names none
 * @throws ImportFailure `mapping.field`, `mapping.required`
 */
export function compileBody(
  body: Body,
  contract: CommandContract,
  to: Compilation,
  ownTime = false,
): BodyReader {
  const setters = [...body.fields].map(([name, expression]) =>
    setter(name, readField(body, name, expression, contract, to)),
  );
  const attributes = compileAttributes(body, contract, to);
  const assumptions = compileAssumptions(body, contract, to);
  const missing = Object.keys(contract.fields).find(
    (name) => contract.fields[name]?.required && !body.fields.has(name),
  );
  if (missing !== undefined) {
    throw new ImportFailure(
      'mapping.required',
      `${at(body, `fields.${missing}`)} is missing: ${contract.command} needs it`,
    );
  }
  const time =
    body.occurredAt &&
    compileField(body.occurredAt, { type: 'instant', required: contract.happened.required }, to);
  const { field: timeField } = contract.happened;
  if (!time && contract.happened.required && timeField === undefined && !ownTime) {
    throw new ImportFailure(
      'mapping.required',
      `${at(body, 'occurredAt')} is missing: ${contract.command} needs to know when`,
    );
  }
  const hasRef = 'externalRef' in contract.fields;
  const alwaysTold = typeof contract.assumed !== 'boolean';
  return (row, externalRef) => {
    const data: Record<string, JsonValue> = {};
    const assumed: string[] = [];
    for (const set of setters) set(row, data, assumed);
    if (hasRef && externalRef !== undefined && data['externalRef'] === undefined)
      data['externalRef'] = externalRef;
    attributes(row, data, assumed);
    const occurredAt = time ? time(row, assumed) : timeField === undefined ? undefined : data[timeField];
    assumptions(row, assumed);
    if (assumed.length > 0 || alwaysTold) data['assumed'] = [...new Set(assumed)];
    return { data, assumed, ...(typeof occurredAt === 'string' && { occurredAt }) };
  };
}

const at = (body: Body, key: string): string => (body.path === '' ? key : `${body.path}.${key}`);

function readField(
  body: Body,
  name: string,
  expression: Expression,
  contract: CommandContract,
  to: Compilation,
): FieldReader {
  const field = Object.hasOwn(contract.fields, name) ? contract.fields[name] : undefined;
  if (field) return compileField(expression, field, to);
  const known = Object.keys(contract.fields).join(', ');
  throw new ImportFailure(
    'mapping.field',
    `${at(body, `fields.${name}`)}: ${contract.command} has no such field; it has ${known}`,
  );
}

type Setter = (row: Fields, data: Record<string, JsonValue>, assumed: string[]) => void;

/** A dotted name writes into an object of its own. */
function setter(name: string, read: FieldReader): Setter {
  const [outer = name, inner] = name.split('.');
  return (row, data, assumed) => {
    const value = read(row, assumed);
    if (value === undefined) return;
    data[outer] = inner === undefined ? value : { ...objectOf(data[outer]), [inner]: value };
  };
}

const objectOf = (value: JsonValue | undefined): JsonObject =>
  typeof value === 'object' && !isList(value) ? value : {};
const isList = (value: JsonObject | readonly JsonValue[]): value is readonly JsonValue[] =>
  Array.isArray(value);

function compileAttributes(body: Body, contract: CommandContract, to: Compilation): Setter {
  if (body.attributes.size === 0) return () => undefined;
  if (!contract.attributes)
    throw new ImportFailure('mapping.field', `${at(body, 'attributes')}: ${contract.command} has none`);
  const readers = [...body.attributes].map(
    ([name, each]) => [name, compileField(each, { type: each.type ?? 'text' }, to)] as const,
  );
  return (row, data, assumed) => {
    const attributes: Record<string, JsonValue> = {};
    for (const [name, read] of readers) {
      const value = read(row, assumed);
      if (value !== undefined) attributes[name] = value;
    }
    if (Object.keys(attributes).length > 0) data['attributes'] = attributes;
  };
}

function compileAssumptions(
  body: Body,
  contract: CommandContract,
  to: Compilation,
): (row: Fields, assumed: string[]) => void {
  const inFields = [...body.fields.values()].flatMap(({ assume }) => assume ?? []);
  const { assumed: known } = contract;
  for (const what of [...inFields, ...body.assume.map((each) => each.what)]) {
    if (known === true || (known !== false && known.includes(what))) continue;
    const may = known === false ? 'takes no assumptions' : `may assume ${known.join(', ')}`;
    throw new ImportFailure('mapping.field', `${at(body, 'assume')}: ${what}: ${contract.command} ${may}`);
  }
  const assumptions = body.assume.map(({ what, when }) => ({
    what,
    applies: when && compileCondition(when, to.columns),
  }));
  return (row, assumed) => {
    for (const { what, applies } of assumptions) if (applies?.(row) ?? true) assumed.push(what);
  };
}

/** The instant of a filled command. @throws RowFault `required` */
export function happened(filled: Filled): string {
  if (filled.occurredAt !== undefined) return filled.occurredAt;
  throw new RowFault('required', 'the row does not say when it happened');
}
