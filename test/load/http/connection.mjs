import { connect } from 'node:net';

const END_OF_HEAD = '\r\n\r\n';

/**
 * One keep-alive connection that posts JSON and waits for each answer. Node's own clients take as much of a processor
 * as the server under test; this one knows just what is needed for answers with a length.
 */
export class Connection {
  #socket;
  #head;
  #text = '';
  #settle;

  /** @param {URL} url @param {string} key */
  static open(url, key) {
    return new Promise((resolve, reject) => {
      const socket = connect({ host: url.hostname, port: Number(url.port), noDelay: true });
      socket.once('error', reject);
      socket.once('connect', () => {
        socket.off('error', reject);
        resolve(new Connection(socket, url, key));
      });
    });
  }

  constructor(socket, url, key) {
    this.#socket = socket;
    this.#head =
      `POST ${url.pathname} HTTP/1.1\r\nHost: ${url.host}\r\nAuthorization: Bearer ${key}\r\n` +
      'Content-Type: application/json\r\nContent-Length: ';
    socket.setEncoding('latin1');
    socket.on('data', (chunk) => this.#take(chunk));
    socket.on('error', (error) => this.#settle?.reject(error));
    socket.on('close', () => this.#settle?.reject(new Error('the server closed a connection')));
  }

  /** @returns {Promise<void>} rejects for any answer but 201 */
  post(body) {
    return new Promise((resolve, reject) => {
      this.#settle = { resolve, reject };
      this.#socket.write(`${this.#head}${Buffer.byteLength(body)}${END_OF_HEAD}${body}`);
    });
  }

  close() {
    this.#settle = undefined;
    this.#socket.destroy();
  }

  #take(chunk) {
    this.#text += chunk;
    const end = this.#text.indexOf(END_OF_HEAD);
    if (end < 0) return;
    const length = Number(/\r\ncontent-length: *(\d+)/i.exec(this.#text.slice(0, end))?.[1]);
    if (Number.isNaN(length)) this.#answered(new Error(`an answer without a length: ${this.#text}`));
    else if (this.#text.length >= end + END_OF_HEAD.length + length) {
      const wanted = this.#text.startsWith('HTTP/1.1 201');
      this.#answered(wanted ? undefined : new Error(`not 201: ${this.#text}`));
    }
  }

  #answered(error) {
    const settle = this.#settle;
    this.#text = '';
    this.#settle = undefined;
    if (error) settle?.reject(error);
    else settle?.resolve();
  }
}
