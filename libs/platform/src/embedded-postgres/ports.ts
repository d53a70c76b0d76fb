import { createServer } from 'node:net';
import { EmbeddedPostgresError, errorCode } from './errors';

export const LOOPBACK = '127.0.0.1';

/**
 * @param wanted 0: any free port
 * @returns a port of the loopback address that was free a moment ago
 * @throws EmbeddedPostgresError `port-taken` when it is taken, or not to be had without rights
 */
export function freePort(wanted: number): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once('error', (error) => {
      reject(portTaken(wanted, errorCode(error) ?? error.message, error));
    });
    server.listen({ host: LOOPBACK, port: wanted, exclusive: true }, () => {
      const address = server.address();
      const port = typeof address === 'object' && address !== null ? address.port : wanted;
      server.close(() => {
        resolve(port);
      });
    });
  });
}

export const portTaken = (port: number, why: string, cause?: unknown): EmbeddedPostgresError =>
  new EmbeddedPostgresError(
    'port-taken',
    `PostgreSQL can't listen on ${LOOPBACK}:${port} (${why}): another program has that port, or it is reserved. ` +
      'Choose another port, or none to take a free one.',
    { cause },
  );
