import { Type } from '@sinclair/typebox';

/** One of a list of words. */
export const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))));

export const Id = Type.String({ minLength: 36, maxLength: 36 });
export const Moment = Type.String({ minLength: 24, maxLength: 24 });
export const ShortText = Type.String({ minLength: 1, maxLength: 200 });
export const LongText = Type.String({ minLength: 1, maxLength: 2_000 });
export const CurrencyCode = Type.String({ minLength: 3, maxLength: 3 });
export const Price = Type.Object({ amount: Type.Integer(), currency: CurrencyCode });
export const Attributes = Type.Record(
  Type.String(),
  Type.Union([Type.String(), Type.Number(), Type.Boolean()]),
);
/** What the source did not record and the import took for granted. */
export const Assumed = Type.Array(ShortText, { minItems: 1, maxItems: 50 });
