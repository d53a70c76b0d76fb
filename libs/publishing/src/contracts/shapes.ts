import { isUuid } from '@guanxi/kernel';
import type { SchemaOptions } from '@sinclair/typebox';
import { FormatRegistry, Type } from '@sinclair/typebox';

FormatRegistry.Set('uuid', isUuid);
FormatRegistry.Set('date', (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)));
FormatRegistry.Set('date-time', (text) => !Number.isNaN(Date.parse(text)));

/** Parts of public schemas that all contexts share; published ones never change, so neither do these. */

/** An id as we give it out: a UUID. */
export const PublicId = Type.String({ format: 'uuid', minLength: 36, maxLength: 36 });

/** A currency by its ISO 4217 code. */
export const PublicCurrency = Type.String({
  minLength: 3,
  maxLength: 3,
  description: 'ISO 4217 code of a currency.',
});

/** An amount in minor units (cents, fen) of an ISO 4217 currency. */
export const PublicMoney = Type.Object({
  amount: Type.Integer({ description: 'In minor units of the currency, such as cents.' }),
  currency: PublicCurrency,
});

/** A day, `YYYY-MM-DD`. */
export const PublicDay = Type.String({ format: 'date', minLength: 10, maxLength: 10 });

/** An instant in UTC, `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
export const PublicInstant = Type.String({
  format: 'date-time',
  minLength: 24,
  maxLength: 24,
  description: 'In UTC, YYYY-MM-DDTHH:MM:SS.mmmZ.',
});

/** Says that the source did not record all of this and an import took it for granted. */
export const PublicAssumed = Type.Optional(
  Type.Boolean({
    description: 'True: the source did not record all of this, an import took it for granted.',
  }),
);

/** One of a list of words; readers must expect none but these. */
export const oneOfWords = <const T extends readonly string[]>(words: T, options: SchemaOptions = {}) =>
  Type.Unsafe<T[number]>(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      options,
    ),
  );

/** One of a list of numbers; readers must expect none but these. */
export const oneOfNumbers = <const T extends readonly number[]>(numbers: T, options: SchemaOptions = {}) =>
  Type.Unsafe<T[number]>(
    Type.Union(
      numbers.map((number) => Type.Literal(number)),
      options,
    ),
  );
