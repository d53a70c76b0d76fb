import { inputInvalid } from '@guanxi/commanding';
import type { FieldError, Instant } from '@guanxi/kernel';
import { isInstant, parseInstant } from '@guanxi/kernel';
import type { Asked } from '@guanxi/projections';
import type { ExecutionContext } from '@nestjs/common';
import { createParamDecorator } from '@nestjs/common';
import { methodOf, noteAsks, parametersOf } from './query-metadata';
import type { QueryRequest } from './query-string';
import { headerOf, queryRequest } from './query-string';

/** The parameters that every query takes. */
export const MOMENTS = ['asOf', 'asKnownAt'] as const;

/** Header with the position that the answer must count in. */
export const MIN_POSITION = 'guanxi-min-position';

/** Positions are 64-bit and start at 0. */
const POSITION = /^\d{1,18}$/;

const asked = createParamDecorator((_: unknown, context: ExecutionContext) => {
  const request = queryRequest(context);
  const method = context.getHandler();
  if (parametersOf(method) === undefined) refuseUnknown(request);
  return askedOf(request);
});

/** For which moment and knowledge a query asks: `asOf`, `asKnownAt`, `Guanxi-Min-Position`. */
export const AskedFor = (): ParameterDecorator => (target, key, index) => {
  noteAsks(methodOf(target, key));
  asked()(target, key, index);
};

/** @throws DomainError `input.invalid` */
export function askedOf(request: QueryRequest): Asked {
  const asOf = momentOf(request, 'asOf');
  const asKnownAt = momentOf(request, 'asKnownAt');
  const minPosition = headerOf(request, MIN_POSITION);
  if (minPosition !== undefined && !POSITION.test(minPosition)) {
    throw refusal(
      'Guanxi-Min-Position',
      'isPosition',
      'must be a position as an answer names it: a whole number',
    );
  }
  return {
    ...(asOf === undefined ? {} : { asOf }),
    ...(asKnownAt === undefined ? {} : { asKnownAt }),
    ...(minPosition === undefined ? {} : { minPosition: BigInt(minPosition) }),
  };
}

function momentOf({ query }: QueryRequest, field: (typeof MOMENTS)[number]): Instant | undefined {
  const value = query[field];
  if (value === undefined) return undefined;
  if (!isInstant(value)) {
    throw refusal(
      field,
      'isInstant',
      'must be one RFC 3339 date-time with an offset, such as 2026-03-01T09:30:00Z (a + in an address is %2B)',
    );
  }
  return parseInstant(value, field);
}

function refuseUnknown({ query }: QueryRequest): void {
  const known: readonly string[] = MOMENTS;
  const unknown = Object.keys(query).filter((name) => !known.includes(name));
  if (unknown.length > 0)
    throw inputInvalid(unknown.map((name) => fieldError(name, 'unknownField', 'is not a known parameter')));
}

const refusal = (field: string, rule: string, message: string): Error =>
  inputInvalid([fieldError(field, rule, message)]);

const fieldError = (field: string, rule: string, message: string): FieldError => ({
  field,
  rule,
  pointer: `/${field}`,
  message,
});
