import { SCHEMA_KEY } from '@guanxi/commanding';
import { ValidationTypes } from 'class-validator';
import { targetConstructorToSchema } from 'class-validator-jsonschema';
import { typeStorage } from '@guanxi/commanding';

/** A JSON Schema as a plain object. */
export type Schema = Readonly<Record<string, unknown>>;

/** A schema of an object's fields. */
export interface ObjectSchema {
  readonly properties: Readonly<Record<string, Schema>>;
  readonly required: readonly string[];
}

type InputClass = new () => object;

/** Where the document keeps schemas. */
const PREFIX = '#/components/schemas/';

/** JSON Schemas of class-validator classes; classes inside them become components of their own. */
export class InputSchemas {
  private readonly names = new Map<InputClass, string>();
  private readonly found = new Map<string, Schema>();

  /** Schemas of the classes that others hold, by name. */
  get components(): Readonly<Record<string, Schema>> {
    return Object.fromEntries([...this.found].sort(([a], [b]) => (a < b ? -1 : 1)));
  }

  /** Fields of a class, with the rules that its decorators check. */
  fieldsOf(input: InputClass): ObjectSchema {
    const schema: unknown = targetConstructorToSchema(input, {
      refPointerPrefix: PREFIX,
      classTransformerMetadataStorage: typeStorage,
      additionalConverters: {
        [ValidationTypes.CUSTOM_VALIDATION]: (meta) => ownSchema(meta.constraints),
        [ValidationTypes.NESTED_VALIDATION]: (meta) => this.nested(meta.target, meta.propertyName, meta.each),
        [ValidationTypes.IS_DEFINED]: {},
      },
    });
    return { properties: fieldSchemas(schema), required: requiredOf(schema) };
  }

  private nested(target: unknown, property: string, each: boolean): Schema {
    const type = typeof target === 'function' ? typeStorage.findTypeMetadata(target, property) : undefined;
    const child: unknown = type?.typeFunction();
    if (!isInputClass(child)) return {};
    const reference = { $ref: `${PREFIX}${this.nameOf(child)}` };
    return type?.reflectedType === Array && !each ? { type: 'array', items: reference } : reference;
  }

  private nameOf(type: InputClass): string {
    const known = this.names.get(type);
    if (known !== undefined) return known;
    let name = type.name;
    for (let number = 2; this.found.has(name); number += 1) name = `${type.name}${number}`;
    this.names.set(type, name);
    this.found.set(name, {});
    this.found.set(name, { type: 'object', ...this.fieldsOf(type), additionalProperties: false });
    return name;
  }
}

/** Decorators of this product carry the schema of what they accept. */
function ownSchema(constraints: unknown): Schema {
  const first: unknown = Array.isArray(constraints) ? constraints[0] : undefined;
  const schema: unknown = isObject(first) ? first[SCHEMA_KEY] : undefined;
  return isObject(schema) ? plain(schema) : {};
}

function fieldSchemas(schema: unknown): Readonly<Record<string, Schema>> {
  const properties = isObject(schema) ? schema['properties'] : undefined;
  if (!isObject(properties)) return {};
  return Object.fromEntries(
    Object.entries(properties).map(([name, field]): [string, Schema] => [
      name,
      isObject(field) ? plain(field) : {},
    ]),
  );
}

function requiredOf(schema: unknown): readonly string[] {
  const required: unknown = isObject(schema) ? schema['required'] : undefined;
  return Array.isArray(required) ? required.filter((name) => typeof name === 'string') : [];
}

/** JSON alone: TypeBox notes kinds under symbols, which JSON leaves out. */
function plain(schema: Schema): Schema {
  const copy: unknown = JSON.parse(JSON.stringify(schema));
  return isObject(copy) ? copy : {};
}

const isObject = (value: unknown): value is Schema =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const isInputClass = (value: unknown): value is InputClass => typeof value === 'function';
