import { isCurrency, isInstant, isMoney, dayExists } from '@guanxi/kernel';
import type { TSchema } from '@sinclair/typebox';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { ValidationOptions } from 'class-validator';
import { ValidateBy } from 'class-validator';

/** JSON Schemas of fields checked by the decorators here, found again by OpenAPI under the decorator's name. */
export const SCHEMA_KEY = 'schema';

const rule = (
  name: string,
  holds: (value: unknown) => boolean,
  message: string,
  schema: object,
  options?: ValidationOptions,
): PropertyDecorator =>
  ValidateBy(
    {
      name,
      constraints: [{ [SCHEMA_KEY]: schema }],
      validator: { validate: holds, defaultMessage: () => message },
    },
    options,
  );

/** `{ amount, currency }`: integer minor units and an ISO 4217 code. */
export const IsMoney = (options?: ValidationOptions): PropertyDecorator =>
  rule(
    'isMoney',
    isMoney,
    'must be { "amount": integer minor units, "currency": ISO 4217 code }',
    {
      type: 'object',
      required: ['amount', 'currency'],
      additionalProperties: false,
      properties: { amount: { type: 'integer' }, currency: { type: 'string', minLength: 3, maxLength: 3 } },
    },
    options,
  );

/** An ISO 4217 currency code. */
export const IsCurrencyCode = (options?: ValidationOptions): PropertyDecorator =>
  rule(
    'isCurrencyCode',
    isCurrency,
    'must be an ISO 4217 currency code',
    { type: 'string', minLength: 3, maxLength: 3 },
    options,
  );

/** An RFC 3339 date-time with offset. */
export const IsInstant = (options?: ValidationOptions): PropertyDecorator =>
  rule(
    'isInstant',
    isInstant,
    'must be an RFC 3339 date-time with an offset, such as 2026-03-01T09:30:00+08:00',
    { type: 'string', format: 'date-time' },
    options,
  );

/** A calendar day `YYYY-MM-DD`. */
export const IsDay = (options?: ValidationOptions): PropertyDecorator =>
  rule(
    'isDay',
    (value) => typeof value === 'string' && dayExists(value),
    'must be a day that exists, as YYYY-MM-DD',
    { type: 'string', format: 'date' },
    options,
  );

const MAX_ATTRIBUTES = 100;

/** Custom fields: at most 100, named by word characters, each a string, number or boolean. */
export const IsAttributes = (options?: ValidationOptions): PropertyDecorator =>
  rule(
    'isAttributes',
    areAttributes,
    `must be an object of at most ${MAX_ATTRIBUTES} custom fields, named [A-Za-z][A-Za-z0-9_]*, each a string (500 characters at most), number or boolean`,
    { type: 'object', additionalProperties: { type: ['string', 'number', 'boolean'] } },
    options,
  );

function areAttributes(value: unknown): boolean {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const entries = Object.entries(value);
  return (
    entries.length <= MAX_ATTRIBUTES &&
    entries.every(
      ([name, attribute]) =>
        /^[A-Za-z]\w{0,63}$/.test(name) &&
        (typeof attribute === 'boolean' ||
          (typeof attribute === 'number' && Number.isFinite(attribute)) ||
          (typeof attribute === 'string' && attribute.length <= 500)),
    )
  );
}

/**
 * A value held against a compiled schema: for long lists of lines, where a class a line would cost more than
 * all the rest of a command. The message names the first place that does not fit.
 */
export function FitsSchema(schema: TSchema, options?: ValidationOptions): PropertyDecorator {
  const compiled = TypeCompiler.Compile(schema);
  return ValidateBy(
    {
      name: 'fitsSchema',
      constraints: [{ [SCHEMA_KEY]: schema }],
      validator: {
        validate: (value) => compiled.Check(value),
        defaultMessage: (args) => {
          const first = compiled.Errors(args?.value).First();
          return `${first?.path ?? ''} ${first?.message ?? 'does not fit'}`.trim();
        },
      },
    },
    options,
  );
}
