import { getMetadataStorage } from 'class-validator';

type Storage = ReturnType<typeof getMetadataStorage>;
type Rules = ReturnType<Storage['getTargetValidationMetadatas']>;
type Grouped = ReturnType<Storage['groupByPropertyName']>;

/**
 * Makes class-validator remember the rules of a class. It gathers them from all classes for every single object, which
 * costs more than checking them; decorators are done when a class is defined, so the answer never changes. Questions
 * with groups or schemas, which nothing here asks, go the old way.
 */
export function rememberRules(storage: Storage = getMetadataStorage()): void {
  const gather = storage.getTargetValidationMetadatas.bind(storage);
  const group = storage.groupByPropertyName.bind(storage);
  const rules = new Map<unknown, Rules>();
  const grouped = new WeakMap<Rules, Grouped>();
  storage.getTargetValidationMetadatas = (target, schema, always, strictGroups, groups) => {
    const ask = (): Rules => gather(target, schema, always, strictGroups, groups);
    // The types promise a schema name; without schemas there is none.
    const isPlain = !schema && !always && !strictGroups && groups === undefined;
    return isPlain ? remembered(rules, target, ask) : ask();
  };
  storage.groupByPropertyName = (metadata) => remembered(grouped, metadata, () => group(metadata));
}

/** A rule of a field in the form in which it is asked. */
interface FieldRules {
  readonly property: string;
  /** Where one of them does not hold, the field is not looked at. */
  readonly conditions: readonly ((object: object, value: unknown) => boolean)[];
  readonly checks: readonly Check[];
  readonly isNested: boolean;
}

interface Check {
  readonly rule: Rules[number];
  readonly constraint: ReturnType<Storage['getTargetValidatorConstraints']>[number]['instance'];
}

const compiled = new Map<unknown, ReadonlyMap<string, FieldRules> | undefined>();

/**
 * True when class-validator, forbidding fields without a rule, would find nothing to say about an object. False says
 * nothing yet: there is something to say, or a rule of a kind that is not known here. Most input is in order, and
 * to learn that, class-validator makes an error object for every field first.
 */
export function isCertainlyValid(object: object): boolean {
  const rules = rulesOf(object.constructor);
  if (!rules || rules.size === 0) return false;
  for (const property of Object.keys(object)) if (!rules.has(property)) return false;
  const values = object as Readonly<Record<string, unknown>>;
  for (const fieldRules of rules.values()) {
    if (!holds(fieldRules, object, values[fieldRules.property])) return false;
  }
  return true;
}

function holds({ conditions, checks, isNested }: FieldRules, object: object, value: unknown): boolean {
  if (!conditions.every((condition) => condition(object, value))) return true;
  return (
    checks.every((check) => passes(check, object, value)) &&
    (!isNested || value === undefined || isNestedValid(value))
  );
}

function passes({ rule, constraint }: Check, object: object, value: unknown): boolean {
  if (rule.validateIf && !rule.validateIf(object, value)) return true;
  const { propertyName, constraints } = rule;
  const given = { targetName: object.constructor.name, property: propertyName, object, value, constraints };
  if (!rule.each) return constraint.validate(value, given) === true;
  if (value instanceof Set || value instanceof Map) return false;
  if (!Array.isArray(value)) return constraint.validate(value, given) === true;
  return value.every((item) => constraint.validate(item, given) === true);
}

function isNestedValid(value: unknown): boolean {
  if (Array.isArray(value)) return value.every((item) => item === undefined || isNestedValid(item));
  return typeof value === 'object' && value !== null && isCertainlyValid(value);
}

function rulesOf(type: unknown): ReadonlyMap<string, FieldRules> | undefined {
  if (!compiled.has(type)) compiled.set(type, compileRules(type));
  return compiled.get(type);
}

function compileRules(type: unknown): ReadonlyMap<string, FieldRules> | undefined {
  if (typeof type !== 'function') return undefined;
  const storage = getMetadataStorage();
  const rules = storage.getTargetValidationMetadatas(type, '', false, false);
  if (!rules.every(isKnown)) return undefined;
  const byField = Object.entries(storage.groupByPropertyName(rules));
  return new Map(byField.map(([property, own]) => [property, fieldRules(storage, property, own)]));
}

/** Kinds of rule by the names that class-validator gives them; groups change when a rule counts. */
const isKnown = ({ type, groups, always, constraintCls }: Rules[number]): boolean =>
  (groups?.length ?? 0) === 0 &&
  always === undefined &&
  (type === 'customValidation'
    ? getMetadataStorage()
        .getTargetValidatorConstraints(constraintCls)
        .every(({ async }) => !async)
    : type === 'conditionalValidation' || type === 'nestedValidation' || type === 'whitelistValidation');

const fieldRules = (storage: Storage, property: string, own: Rules): FieldRules => ({
  property,
  conditions: own
    .filter(({ type }) => type === 'conditionalValidation')
    .map(({ constraints }) => constraints[0] as FieldRules['conditions'][number]),
  checks: own
    .filter(({ type }) => type === 'customValidation')
    .flatMap((rule) =>
      storage
        .getTargetValidatorConstraints(rule.constraintCls)
        .map(({ instance }) => ({ rule, constraint: instance })),
    ),
  isNested: own.some(({ type }) => type === 'nestedValidation'),
});

function remembered<K, V>(
  memory: { get(key: K): V | undefined; set(key: K, value: V): unknown },
  key: K,
  ask: () => V,
): V {
  const known = memory.get(key);
  if (known !== undefined) return known;
  const answer = ask();
  memory.set(key, answer);
  return answer;
}
