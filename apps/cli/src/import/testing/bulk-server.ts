import { once } from 'node:events';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { isRecord } from '../types';

export interface Received {
  readonly command: string;
  readonly id: string;
  readonly key: string;
  readonly occurredAt?: string;
  readonly data: Readonly<Record<string, unknown>>;
}

export interface Behaviour {
  /** A problem for a command that is to be refused. */
  refuse?: (line: Received) => { code: string; detail: string; status: number } | undefined;
  /** Cuts the connection when so many commands in all were applied, each number once; their answers are lost. */
  dropAfter?: number[];
  /** Answers the whole request with this status, as often as listed. */
  turnAway?: { status: number; body: unknown }[];
  /** Waits before each answer. */
  beforeAnswer?: () => Promise<void>;
  /** Replaces an answer line. */
  answer?: (line: Received) => string | undefined;
}

/** A server that speaks the bulk protocol over real HTTP: ordered answers, repeats unchanged, faults on demand. */
export class BulkServer {
  readonly applied = new Map<string, Received>();
  readonly order: string[] = [];
  received = 0;
  answered = 0;
  /** The most commands that were ever received and not answered. */
  mostOpen = 0;
  requests = 0;
  lastAuthorization: string | undefined;
  private server: Server;
  private port = 0;

  constructor(private readonly behaviour: Behaviour = {}) {
    this.server = this.create();
  }

  async start(): Promise<string> {
    this.server.listen(this.port, '127.0.0.1');
    await once(this.server, 'listening');
    const address = this.server.address();
    if (isPort(address)) this.port = address.port;
    return `http://127.0.0.1:${String(this.port)}`;
  }

  /** Before `start`: the port, where a client expects this server. */
  listenOn(port: number): void {
    this.port = port;
  }

  async stop(): Promise<void> {
    if (!this.server.listening) return;
    const closed = once(this.server, 'close');
    this.server.close();
    this.server.closeAllConnections();
    await closed;
  }

  /** Comes back on the same port with what it had applied. */
  async restart(): Promise<void> {
    this.server = this.create();
    await this.start();
  }

  private create(): Server {
    return createServer((request, response) => {
      this.handle(request, response).catch(() => response.destroy());
    });
  }

  private async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    this.requests += 1;
    this.lastAuthorization = request.headers.authorization;
    const away = this.behaviour.turnAway?.shift();
    if (away) {
      response
        .writeHead(away.status, { 'content-type': 'application/problem+json' })
        .end(JSON.stringify(away.body));
      return;
    }
    response.writeHead(200, { 'content-type': 'application/x-ndjson' });
    let held = '';
    for await (const chunk of request.setEncoding('utf8')) {
      const lines = (held + String(chunk)).split('\n');
      held = lines.pop() ?? '';
      this.received += lines.length;
      this.mostOpen = Math.max(this.mostOpen, this.received - this.answered);
      for (const text of lines) await this.one(text, response);
    }
    response.end();
  }

  private async one(text: string, response: ServerResponse): Promise<void> {
    await this.behaviour.beforeAnswer?.();
    const line: unknown = JSON.parse(text);
    if (!isReceived(line)) throw new Error('not a command');
    const problem = this.behaviour.refuse?.(line);
    const status = problem ? 'refused' : this.applied.has(line.key) ? 'unchanged' : 'accepted';
    if (status === 'accepted') {
      this.applied.set(line.key, line);
      this.order.push(line.key);
    }
    const [drop] = this.behaviour.dropAfter ?? [];
    if (drop !== undefined && this.applied.size >= drop) {
      this.behaviour.dropAfter?.shift();
      response.destroy();
      throw new Error('dropped');
    }
    this.answered += 1;
    const answer = {
      key: line.key,
      status,
      id: line.id,
      revision: 1,
      position: '1',
      events: [],
      ...(problem && { problem }),
    };
    response.write(`${this.behaviour.answer?.(line) ?? JSON.stringify(answer)}\n`);
  }
}

const isReceived = (value: unknown): value is Received =>
  isRecord(value) &&
  typeof value['key'] === 'string' &&
  typeof value['command'] === 'string' &&
  isRecord(value['data']);
const isPort = (address: string | AddressInfo | null): address is AddressInfo =>
  typeof address === 'object' && address !== null;
