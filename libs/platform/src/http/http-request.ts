import type { Principal } from '@guanxi/commanding';
import type { FastifyRequest } from 'fastify';

declare module 'fastify' {
  interface FastifyRequest {
    /** Put there by authentication, before the body is read. */
    principal?: Principal;
  }
}

/** A request's path without its query, which may hold personal data. */
export function pathOf({ url }: Pick<FastifyRequest, 'url'>): string {
  const query = url.indexOf('?');
  return query < 0 ? url : url.slice(0, query);
}

/** The pattern of the request's route; one word for all that have none, so that nobody can flood the metrics. */
export const routeOf = ({ routeOptions, is404 }: FastifyRequest): string =>
  is404 ? 'unknown' : (routeOptions.url ?? 'unknown');
