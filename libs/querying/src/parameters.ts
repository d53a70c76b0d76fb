import { inputInvalid, validateInput } from '@guanxi/commanding';
import type { ExecutionContext } from '@nestjs/common';
import { createParamDecorator } from '@nestjs/common';
import { MOMENTS } from './asked-for';
import { JSON_TYPE, formatOf } from './formats';
import { ListParameters, MOST_ROWS_AS_JSON } from './list-parameters';
import type { ParametersClass } from './query-metadata';
import { answersOf, asksOf, methodOf, noteParameters } from './query-metadata';
import { headerOf, queryRequest } from './query-string';

const parameters = createParamDecorator((type: ParametersClass, context: ExecutionContext) => {
  const request = queryRequest(context);
  const method = context.getHandler();
  const own = asksOf(method) ? withoutMoments(request.query) : request.query;
  refuseUnstorable(own);
  const checked = validateInput(type, own);
  if (checked instanceof ListParameters) {
    const format = formatOf(headerOf(request, 'accept'), answersOf(method)?.rows !== undefined);
    refuseLongPage(checked, format === JSON_TYPE);
  }
  return checked;
});

/** A query's own parameters, checked against their class; unknown ones are refused. */
export const Parameters =
  (type: ParametersClass): ParameterDecorator =>
  (target, key, index) => {
    noteParameters(methodOf(target, key), type);
    parameters(type)(target, key, index);
  };

function withoutMoments(query: Readonly<Record<string, unknown>>): Record<string, unknown> {
  const own = { ...query };
  for (const moment of MOMENTS) delete own[moment];
  return own;
}

function refuseLongPage({ limit }: ListParameters, asJson: boolean): void {
  if (!asJson || limit <= MOST_ROWS_AS_JSON) return;
  const message = `must not be greater than ${MOST_ROWS_AS_JSON}; as text/csv or application/x-ndjson a page may hold more`;
  throw inputInvalid([{ field: 'limit', rule: 'max', pointer: '/limit', message }]);
}

/** PostgreSQL has no text with a NUL in it. */
function refuseUnstorable(query: Readonly<Record<string, unknown>>): void {
  const bad = Object.keys(query).find((name) => JSON.stringify(query[name])?.includes('\\u0000'));
  if (bad === undefined) return;
  throw inputInvalid([
    { field: bad, rule: 'noNul', pointer: `/${bad}`, message: 'must not hold a NUL character' },
  ]);
}
