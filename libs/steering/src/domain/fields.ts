import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';

/** Integer minor units of an ISO 4217 currency. */
export const MoneySchema = Type.Object(
  { amount: Type.Integer(), currency: Type.String({ minLength: 3, maxLength: 3 }) },
  { additionalProperties: false },
);

/** Custom fields of a customer of ours: names chosen by them, plain values. */
export const AttributesSchema = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
);

/** The fields that hold something: an optional field that an input leaves out, or sends as null, is not there at all. */
export function present<T extends object>(fields: T): T {
  const copy = { ...fields };
  for (const name in copy) {
    if (copy[name] === undefined || copy[name] === null) Reflect.deleteProperty(copy, name);
  }
  return copy;
}

/** Those of the wanted fields that differ from what stands; custom fields are compared and kept one by one. */
export function differences<T extends object>(standing: T, wanted: Partial<T>): Partial<T> {
  const changes: Partial<T> = present(wanted);
  for (const name in changes) {
    if (Value.Equal(standing[name], changes[name])) Reflect.deleteProperty(changes, name);
  }
  return changes;
}

/** True when two sets of fields say the same. */
export const sameFields = (a: object, b: object): boolean => Value.Equal(present(a), present(b));

type Attributes = Readonly<Record<string, string | number | boolean>>;

/** Custom fields after some of them were set anew; those not named stay. */
export const withAttributes = (
  standing: Attributes | undefined,
  set: Attributes | undefined,
): Attributes | undefined => (set ? { ...standing, ...set } : standing);
