import { checkCorrelationId } from '@guanxi/commanding';
import type { FastifyInstance } from 'fastify';
import type { ApiKeys } from '../auth/api-keys';
import { authenticate, isOpen } from '../auth/authentication';
import type { JsonLog } from '../logging/json-log';
import type { AllowedMethods } from './allowed-methods';
import { routeOf } from './http-request';

/** What accompanies every request. */
export interface RequestSurroundings {
  readonly keys: ApiKeys;
  readonly log: JsonLog;
  readonly allowed: AllowedMethods;
  /** Called when an answer has left. */
  readonly onAnswer: (answer: { method: string; route: string; status: number; seconds: number }) => void;
}

/**
 * Authenticates before a body is read, answers with the correlation id, and logs what was answered: the route's
 * pattern, never a query or a body.
 */
export function addRequestHooks(
  instance: FastifyInstance,
  { keys, log, allowed, onAnswer }: RequestSurroundings,
): void {
  instance.addHook('onRoute', ({ url, method }) => {
    allowed.note(url, Array.isArray(method) ? method : [method]);
  });
  instance.addHook('onRequest', async (request, reply) => {
    void reply.header('X-Correlation-Id', request.id);
    if (request.is404) return;
    checkCorrelationId(request.headers);
    if (!isOpen(routeOf(request)))
      request.principal = await authenticate(keys, request.headers.authorization);
  });
  instance.addHook('onResponse', (request, reply, done) => {
    const { method } = request;
    const route = routeOf(request);
    const status = reply.statusCode;
    const milliseconds = reply.elapsedTime;
    onAnswer({ method, route, status, seconds: milliseconds / 1_000 });
    log.info(
      {
        event: 'request',
        method,
        route,
        status,
        milliseconds: Math.round(milliseconds * 10) / 10,
        ...(request.principal ? { actor: request.principal.actor } : {}),
        correlationId: request.id,
      },
      'http',
    );
    done();
  });
}
