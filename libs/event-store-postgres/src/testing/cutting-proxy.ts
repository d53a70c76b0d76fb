import { connect, createServer, type Server, type Socket } from 'node:net';

/** Which way a connection is cut. */
export type Cut = 'before-the-server' | 'before-the-answer';

/**
 * Stands between a client and its database and cuts a connection at a chosen word: before the server reads it (nothing
 * is done), or before the client reads the answer (it is done, and nobody knows).
 */
export class CuttingProxy {
  private readonly server: Server;
  private readonly sockets = new Set<Socket>();
  private armed: { readonly word: string; readonly cut: Cut } | undefined;
  cuts = 0;

  private constructor(private readonly target: URL) {
    this.server = createServer((client) => {
      this.join(client);
    });
  }

  static async before(url: string): Promise<CuttingProxy> {
    const proxy = new CuttingProxy(new URL(url));
    await new Promise<void>((resolve) => proxy.server.listen(0, '127.0.0.1', resolve));
    return proxy;
  }

  /** The database's address by way of this proxy. */
  get url(): string {
    const address = this.server.address();
    if (typeof address !== 'object' || address === null) throw new Error('the proxy is not listening');
    const url = new URL(this.target);
    url.hostname = '127.0.0.1';
    url.port = String(address.port);
    return url.toString();
  }

  /** Cuts the next connection whose client sends this word. */
  arm(word: string, cut: Cut): void {
    this.armed = { word, cut };
  }

  /** Ends every connection and takes no more until `open`. */
  async shut(): Promise<void> {
    for (const socket of this.sockets) socket.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  async open(port: number): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(port, '127.0.0.1', resolve));
  }

  private join(client: Socket): void {
    const server = connect(Number(this.target.port), this.target.hostname);
    for (const [socket, other] of [
      [client, server],
      [server, client],
    ] as const) {
      this.sockets.add(socket);
      socket.on('error', () => other.destroy());
      socket.on('close', () => {
        this.sockets.delete(socket);
        other.destroy();
      });
    }
    let deaf = false;
    client.on('data', (data) => {
      const { armed } = this;
      if (armed && data.includes(armed.word)) {
        this.armed = undefined;
        this.cuts += 1;
        if (armed.cut === 'before-the-server') {
          client.destroy();
          return;
        }
        deaf = true;
      }
      server.write(data);
    });
    server.on('data', (data) => {
      // The answer is there: what was asked is done.
      if (deaf) client.destroy();
      else client.write(data);
    });
  }
}
