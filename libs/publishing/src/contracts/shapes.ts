import { isUuid } from '@guanxi/kernel';
import { FormatRegistry, Type } from '@sinclair/typebox';

FormatRegistry.Set('uuid', isUuid);
FormatRegistry.Set('date', (text) => /^\d{4}-\d{2}-\d{2}$/.test(text) && !Number.isNaN(Date.parse(text)));
FormatRegistry.Set('date-time', (text) => !Number.isNaN(Date.parse(text)));

/**
 * Parts of public schemas that all contexts share; published ones never change, so neither do these. Each is made with
 * what it means where it stands, in a sentence or two: readers know nothing of our code.
 */

/** An id as we give it out: a UUID. */
export const publicUuid = (description: string) =>
  Type.String({ format: 'uuid', minLength: 36, maxLength: 36, description });

/** A customer, in whatever is told of one. */
export const PublicCustomerId = publicUuid('Id of the customer; its own events have the key customer-{id}.');

/** Who of ours looks after what is told of. */
export const PublicOwnerId = publicUuid(
  'Id of the seller who looks after it; the events of sellers have the key seller-{id}.',
);

/** A currency by its ISO 4217 code. */
export const publicCurrency = (description: string) =>
  Type.String({ minLength: 3, maxLength: 3, description: `${description} ISO 4217 code.` });

/** An amount in minor units (cents, fen) of an ISO 4217 currency. */
export const publicMoney = (description: string) =>
  Type.Object(
    {
      amount: Type.Integer({
        description: 'In minor units of the currency: cents for USD, whole yen for JPY.',
      }),
      currency: publicCurrency('Currency of the amount.'),
    },
    { description },
  );

/** A day, `YYYY-MM-DD`. */
export const publicDay = (description: string) =>
  Type.String({
    ...{ format: 'date', minLength: 10, maxLength: 10 },
    description: `${description} YYYY-MM-DD, without a time zone.`,
  });

/** An instant in UTC, `YYYY-MM-DDTHH:MM:SS.mmmZ`. */
export const publicInstant = (description: string) =>
  Type.String({
    ...{ format: 'date-time', minLength: 24, maxLength: 24 },
    description: `${description} In UTC, YYYY-MM-DDTHH:MM:SS.mmmZ.`,
  });

/** Which event of its stream another one speaks of. */
export const PublicRevision = Type.Integer({
  minimum: 0,
  description: 'Which of its events: the one with this ce_revision, counted from 0.',
});

/** Says that the source did not record all of this and an import took it for granted. */
export const PublicAssumed = Type.Optional(
  Type.Boolean({
    description:
      'True: the source did not record all of this, an import took it for granted. Otherwise absent.',
  }),
);

/** One of a list of words; readers must expect none but these. Words that are no plain English are explained. */
export const oneOfWords = <const T extends readonly string[]>(words: T, description: string) =>
  Type.Unsafe<T[number]>(
    Type.Union(
      words.map((word) => Type.Literal(word)),
      { description },
    ),
  );

/** One of a list of numbers; readers must expect none but these. */
export const oneOfNumbers = <const T extends readonly number[]>(numbers: T, description: string) =>
  Type.Unsafe<T[number]>(
    Type.Union(
      numbers.map((number) => Type.Literal(number)),
      { description },
    ),
  );
