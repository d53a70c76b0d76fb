import { once } from 'node:events';
import { createServer } from 'node:net';

/**
 * Below what systems give to outgoing connections: a broker that is down must find its port free when it comes back,
 * though clients try to connect all the while.
 */
const LOWEST = 12_000;
const HIGHEST = 27_999;

/** Whether a server could listen on this port of the loopback address now. */
export async function isFree(port) {
  const server = createServer();
  try {
    server.listen(port, '127.0.0.1');
    await once(server, 'listening');
    return true;
  } catch {
    return false;
  } finally {
    server.close();
  }
}

/** @param {number} [except] a port that is about to be taken */
export async function freePort(except) {
  for (let tries = 0; tries < 1_000; tries++) {
    const port = LOWEST + Math.floor(Math.random() * (HIGHEST - LOWEST + 1));
    if (port !== except && (await isFree(port))) return port;
  }
  throw new Error(`no port from ${LOWEST} to ${HIGHEST} is free`);
}
