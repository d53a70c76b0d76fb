import { BULK_TYPE, isCorrelationId, parseJson } from '@guanxi/commanding';
import { newId } from '@guanxi/event-store';
import { FastifyAdapter } from '@nestjs/platform-fastify';

/** Bytes that the body of one command may have. */
export const BODY_LIMIT = 1_048_576;

/** Fastify as this product wants it: request ids are correlation ids, JSON is read strictly, bulk calls stream. */
export function createAdapter(): FastifyAdapter {
  const adapter = new FastifyAdapter({
    bodyLimit: BODY_LIMIT,
    // Nothing here is middleware of Nest's, for which every request would be matched once more.
    skipMiddie: true,
    requestIdHeader: false,
    genReqId: ({ headers }: { headers: Readonly<Record<string, string | string[] | undefined>> }) => {
      const sent = headers['x-correlation-id'];
      return typeof sent === 'string' && isCorrelationId(sent) ? sent : newId();
    },
    routerOptions: { ignoreTrailingSlash: true },
    // Long bulk calls and exports are no attack.
    requestTimeout: 0,
    keepAliveTimeout: 65_000,
  });
  const instance = adapter.getInstance();
  instance.removeAllContentTypeParsers();
  instance.addContentTypeParser('application/json', { parseAs: 'buffer' }, (_request, body, done) => {
    try {
      done(
        null,
        body.length === 0 ? undefined : parseJson(typeof body === 'string' ? Buffer.from(body) : body),
      );
    } catch (error) {
      done(error instanceof Error ? error : new Error('the body cannot be read'));
    }
  });
  instance.addContentTypeParser(BULK_TYPE, (_request, stream, done) => {
    done(null, stream);
  });
  return adapter;
}
