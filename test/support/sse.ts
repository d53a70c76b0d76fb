import type { ClientRequest, IncomingMessage } from 'node:http';
import { request } from 'node:http';
import type { Json } from './product';

/** One block of a feed of server-sent events. */
export interface SseEvent {
  readonly id: string;
  readonly event: string;
  readonly data: Json;
}

/** A reader of server-sent events by the letter of its specification, over a connection that a test can kill. */
export class SseReader {
  readonly events: SseEvent[] = [];
  readonly comments: string[] = [];
  retry: number | undefined;
  /** What a reader that comes again sends. */
  lastId = '';
  /** Holds when the connection is gone. */
  readonly ended: Promise<void>;
  private rest = '';
  private waiting: (() => void)[] = [];

  private constructor(
    private readonly asked: ClientRequest,
    readonly answer: IncomingMessage,
  ) {
    this.ended = new Promise((resolve) => {
      answer.once('close', () => {
        this.wake();
        resolve();
      });
    });
    answer.on('error', () => undefined);
    answer.setEncoding('utf8').on('data', (text: string) => this.take(text));
  }

  /** @throws Error with the body for any answer but 200 */
  static async open(url: string, headers: Record<string, string>): Promise<SseReader> {
    const asked = request(url, { headers: { accept: 'text/event-stream', ...headers } });
    const answer = await new Promise<IncomingMessage>((resolve, reject) => {
      asked.once('response', resolve).once('error', reject).end();
    });
    asked.on('error', () => undefined);
    if (answer.statusCode === 200) return new SseReader(asked, answer);
    let text = '';
    for await (const chunk of answer) text += String(chunk);
    throw new Error(`${answer.statusCode}: ${text}`);
  }

  /** Resolves when this holds; looked at after each piece that came. @throws Error when the feed ends before */
  async until(condition: () => boolean): Promise<void> {
    while (!condition()) {
      if (this.answer.closed) throw new Error(`the feed ended: ${this.comments.join(' / ')}`);
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    }
  }

  /** Takes nothing more, so that the server comes to wait. */
  pause(): void {
    this.answer.pause();
  }

  resume(): void {
    this.answer.resume();
  }

  /** Breaks the connection off, wherever it is. */
  kill(): void {
    this.asked.destroy();
  }

  private take(text: string): void {
    const blocks = `${this.rest}${text}`.split('\n\n');
    this.rest = blocks.pop() ?? '';
    for (const block of blocks) this.takeBlock(block);
    this.wake();
  }

  private takeBlock(block: string): void {
    let event = '';
    let data: string | undefined;
    for (const line of block.split('\n')) {
      const [, name = '', value = ''] = /^([^:]*):? ?(.*)$/.exec(line) ?? [];
      if (name === '') this.comments.push(value);
      else if (name === 'id') this.lastId = value;
      else if (name === 'event') event = value;
      else if (name === 'data') data = data === undefined ? value : `${data}\n${value}`;
      else if (name === 'retry') this.retry = Number(value);
      else throw new Error(`no field of server-sent events is called ${name}`);
    }
    if (data !== undefined) this.events.push({ id: this.lastId, event, data: JSON.parse(data) });
  }

  private wake(): void {
    const { waiting } = this;
    this.waiting = [];
    for (const resolve of waiting) resolve();
  }
}
