import { once } from 'node:events';
import { createServer } from 'node:http';
import { ran } from '../testing/ran';

/** What `guanxi get` asks a server for. */
async function asked(...argv: string[]): Promise<string | undefined> {
  let url: string | undefined;
  const server = createServer((request, response) => {
    url = request.url;
    response.setHeader('content-type', 'application/json').end('{}');
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' ? address?.port : undefined;
  const env = { GUANXI_URL: `http://127.0.0.1:${String(port)}`, GUANXI_API_KEY: 'key' };
  try {
    await ran(['get', 'pipeline/board', ...argv], env);
    return url;
  } finally {
    server.closeAllConnections();
    server.close();
  }
}

describe('guanxi get', () => {
  it.each([
    [['asOf=2026-03-01', 'asKnownAt=2026-04-01T00:00:00Z']],
    [['--as-of', '2026-03-01', '--as-known-at', '2026-04-01T00:00:00Z']],
    [['--as-of', '2026-03-01', 'asKnownAt=2026-04-01T00:00:00Z']],
    [['--as-of', '2026-03-01', 'asOf=2020-01-01', 'asKnownAt=2026-04-01T00:00:00Z']],
  ])('asks for the moments of %j, the option before the parameter', async (argv) => {
    const parameters = new URLSearchParams((await asked(...argv))?.split('?')[1]);
    expect(Object.fromEntries(parameters)).toEqual({
      asOf: '2026-03-01T00:00:00Z',
      asKnownAt: '2026-04-01T00:00:00Z',
    });
  });
});
