import type { Problem } from '@guanxi/commanding';
import { PROBLEM_TYPE, problem, problemOf } from '@guanxi/commanding';
import type { ArgumentsHost, ExceptionFilter } from '@nestjs/common';
import { Catch, HttpException, NotFoundException } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import type { JsonLog } from '../logging/json-log';
import { BODY_LIMIT } from './adapter';
import type { AllowedMethods } from './allowed-methods';
import { pathOf, routeOf } from './http-request';

/** Every error, from wherever it comes, leaves as a problem (RFC 9457). */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(
    private readonly log: JsonLog,
    private readonly allowed: AllowedMethods,
  ) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const request = host.switchToHttp().getRequest<FastifyRequest>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    const answer = this.problemFor(error, request);
    if (answer.status >= 500 && answer.code !== 'query.behind') {
      this.log.error(
        {
          event: answer.code,
          correlationId: request.id,
          method: request.method,
          route: routeOf(request),
          error,
        },
        'http',
      );
    }
    if (reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    for (const [name, value] of Object.entries(headersOf(answer, this.allowed.of(pathOf(request))))) {
      void reply.header(name, value);
    }
    void reply
      .status(answer.status)
      .header('Content-Type', `${PROBLEM_TYPE}; charset=utf-8`)
      .send(JSON.stringify({ ...answer, instance: pathOf(request), correlationId: request.id }));
  }

  private problemFor(error: unknown, request: FastifyRequest): Problem {
    if (error instanceof NotFoundException && request.is404) return this.unknownRoute(request);
    if (error instanceof HttpException) return problemOfHttp(error);
    return problemOf(error);
  }

  private unknownRoute(request: FastifyRequest): Problem {
    const methods = this.allowed.of(pathOf(request));
    if (methods.length === 0 || methods.includes(request.method)) {
      return problem(
        404,
        'route.unknown',
        'there is no such route; /openapi.json lists all, /docs shows them',
      );
    }
    return problem(
      405,
      'method.not-allowed',
      `${request.method} is not for this route; it takes ${methods.join(', ')}`,
    );
  }
}

const CODES: Readonly<Record<number, string>> = {
  400: 'request.malformed',
  404: 'route.unknown',
  405: 'method.not-allowed',
  406: 'answer.not-acceptable',
  413: 'body.too-large',
  415: 'media.unsupported',
};

/** Errors of Nest and Fastify: their texts name rules of form, never data. */
function problemOfHttp(error: HttpException): Problem {
  const status = error.getStatus();
  if (status >= 500) return problemOf(error);
  const code = CODES[status] ?? 'request.refused';
  if (status === 413) {
    return problem(
      413,
      code,
      `the body is over the limit of ${BODY_LIMIT} bytes; POST /v1/commands takes any number of commands`,
      {
        facts: { limit: BODY_LIMIT },
      },
    );
  }
  if (status === 400 && error.message.includes('uuid is expected')) return malformedId();
  const fromParser = status === 415 && error.message.startsWith('Unsupported Media Type');
  return problem(status, code, fromParser ? 'send Content-Type: application/json' : error.message);
}

function headersOf(
  { status, code, retryAfter }: Problem,
  methods: readonly string[],
): Readonly<Record<string, string>> {
  return {
    ...(status === 401 ? { 'WWW-Authenticate': challengeOf(code) } : {}),
    ...(status === 405 ? { Allow: methods.join(', ') } : {}),
    ...(retryAfter === undefined ? {} : { 'Retry-After': String(retryAfter) }),
  };
}

const challengeOf = (code: string): string =>
  code === 'auth.invalid' ? 'Bearer realm="guanxi", error="invalid_token"' : 'Bearer realm="guanxi"';

/** Nest's pipe does not say which part of the path it looked at; it is the only one that our routes have. */
function malformedId(): Problem {
  const message = 'must be a UUID';
  return problem(400, 'input.invalid', `id ${message}`, {
    errors: [{ field: 'id', rule: 'isUuid', pointer: '', message }],
  });
}
