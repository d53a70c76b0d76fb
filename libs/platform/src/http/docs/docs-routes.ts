import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { DOCS_PAGE, DOCS_SCRIPT } from './docs-page';

const ASSETS: ReadonlySet<string> = new Set([
  '/swagger-ui.css',
  '/swagger-ui-bundle.js',
  '/favicon-32x32.png',
]);

/** The page is of this server alone: no script, font or call to anywhere else. */
const POLICY =
  "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; frame-ancestors 'none'; base-uri 'none'";

/**
 * `/openapi.json`, and the page at `/docs` on which it can be tried out, without any other server.
 * @param document made at the first request: it takes longer than a start may
 */
export async function addDocs(instance: FastifyInstance, document: () => Promise<object>): Promise<void> {
  let text: Promise<string> | undefined;
  instance.get('/openapi.json', async (_request, reply) => {
    text ??= document().then((made) => JSON.stringify(made));
    return reply.header('Content-Type', 'application/json; charset=utf-8').send(await text);
  });
  // The address that a start prints is opened in a browser first.
  instance.get('/', (_request, reply) => reply.redirect('/docs'));
  instance.get('/docs', (_request, reply) =>
    reply
      .header('Content-Security-Policy', POLICY)
      .header('Content-Type', 'text/html; charset=utf-8')
      .send(DOCS_PAGE),
  );
  instance.get('/docs/try.js', (_request, reply) =>
    reply.header('Content-Type', 'text/javascript; charset=utf-8').send(DOCS_SCRIPT),
  );
  await instance.register(fastifyStatic, {
    root: assetsFolder(),
    prefix: '/docs/assets/',
    decorateReply: false,
    index: false,
    allowedPath: (path) => ASSETS.has(path),
  });
}

/** Nest's documentation package brings the page's own along. */
function assetsFolder(): string {
  const nest = createRequire(__filename).resolve('@nestjs/swagger');
  return dirname(createRequire(nest).resolve('swagger-ui-dist/package.json'));
}
