import { once } from 'node:events';
import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request that came in, as far as tests look at it. */
export interface Received {
  readonly id: string;
  readonly key: string;
  readonly n: number;
  readonly body: string;
  readonly headers: IncomingHttpHeaders;
}

/** How a request is answered; `times` counts requests with the same webhook-id, this one among them. */
export type Answering = (response: ServerResponse, received: Received, times: number) => void;

export const ok: Answering = (response) => void response.writeHead(204).end();

/** A receiver of webhooks on a free port of this machine. */
export interface Receiver {
  readonly url: string;
  /** All requests, in the order in which they came. */
  readonly received: Received[];
  answering: Answering;
  close(): Promise<void>;
}

export async function startReceiver(): Promise<Receiver> {
  const received: Received[] = [];
  const times = new Map<string, number>();
  const server = createServer((request, response) => {
    void read(request).then((body) => {
      const { subject, data } = JSON.parse(body) as { subject: string; data: { n: number } };
      const id = String(request.headers['webhook-id']);
      const one = { id, key: subject, n: data.n, body, headers: request.headers };
      received.push(one);
      times.set(id, (times.get(id) ?? 0) + 1);
      receiver.answering(response, one, times.get(id) ?? 0);
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const receiver: Receiver = {
    url: `http://127.0.0.1:${port}/hook`,
    received,
    answering: ok,
    close: async () => {
      server.closeAllConnections();
      server.close();
      await once(server, 'close');
    },
  };
  return receiver;
}

async function read(request: IncomingMessage): Promise<string> {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk as Buffer);
  return Buffer.concat(chunks).toString('utf8');
}

/** What a receiver that drops doubles has seen of each key: numbers in the order of their first coming. */
export function firstComings(received: readonly Received[]): ReadonlyMap<string, readonly number[]> {
  const seen = new Set<string>();
  const keys = new Map<string, number[]>();
  for (const { id, key, n } of received) {
    if (seen.has(id)) continue;
    seen.add(id);
    keys.set(key, [...(keys.get(key) ?? []), n]);
  }
  return keys;
}
