import {
  Agent as HttpAgent,
  request as httpRequest,
  type ClientRequest,
  type IncomingMessage,
} from 'node:http';
import { Agent as HttpsAgent, request as httpsRequest } from 'node:https';
import { ImportFailure, isRecord, messageOf } from '../types';
import { parseProblem } from './answers';

/** The connection broke, or the server is not there for now: what had no answer is to be sent again. */
export class Interrupted extends Error {
  constructor(
    message: string,
    readonly retryAfterMs = 0,
  ) {
    super(message);
  }
}

const silenceMs = 60_000;
const tellableBytes = 64 * 1024;

/** One POST to the bulk route that is written and answered at the same time. */
export class BulkRequest {
  private readonly request: ClientRequest;
  private settle: (error?: Error) => void = () => undefined;
  private wake: () => void = () => undefined;
  private ended = false;
  private failure: Error | undefined;
  /** Settles when the last answer is in. Rejects with Interrupted or ImportFailure. */
  readonly done: Promise<void>;

  /**
   * @param onLine called with each answered line; what it throws ends the request
   * @param waiting says whether answers are due, so that silence means something
   */
  constructor(
    url: string,
    apiKey: string,
    private readonly onLine: (line: string) => void,
    private readonly waiting: () => boolean,
  ) {
    const target = new URL('v1/commands', url.endsWith('/') ? url : `${url}/`);
    const secure = target.protocol === 'https:';
    const agent = secure ? new HttpsAgent() : new HttpAgent();
    this.request = (secure ? httpsRequest : httpRequest)(target, {
      method: 'POST',
      agent,
      headers: {
        authorization: `Bearer ${apiKey}`,
        'content-type': 'application/x-ndjson',
        accept: 'application/x-ndjson',
      },
    });
    this.done = new Promise((resolve, reject) => {
      this.settle = (error) => {
        this.failure ??= error ?? new Interrupted('the request is over');
        if (error) reject(error);
        else resolve();
        this.wake();
      };
    });
    this.request.on('error', (error) => {
      this.settle(new Interrupted(messageOf(error)));
    });
    this.request.on('close', () => {
      this.settle(new Interrupted('the connection was closed'));
    });
    this.request.on('response', (response) => {
      void this.read(response);
    });
    this.request.setTimeout(silenceMs, () => {
      if (this.waiting()) this.abort(new Interrupted(`no answer for ${String(silenceMs / 1000)} s`));
    });
    this.request.flushHeaders();
  }

  /** Writes text; settles when there is room for more, at once if the request is over. */
  async write(text: string): Promise<void> {
    if (this.failure || this.request.write(text)) return;
    await new Promise<void>((resolve) => {
      this.wake = resolve;
      this.request.once('drain', resolve);
    });
  }

  get over(): boolean {
    return this.failure !== undefined;
  }

  end(): void {
    this.ended = true;
    this.request.end();
  }

  abort(error: Error): void {
    this.settle(error);
    this.request.destroy();
  }

  private async read(response: IncomingMessage): Promise<void> {
    try {
      if (response.statusCode !== 200) throw await refusal(response);
      let held = '';
      for await (const chunk of response.setEncoding('utf8')) {
        const lines = (held + String(chunk)).split('\n');
        held = lines.pop() ?? '';
        for (const line of lines) if (line.trim() !== '') this.onLine(line);
      }
      if (held.trim() !== '') this.onLine(held);
      this.settle(this.ended ? undefined : new Interrupted('the server ended its answer early'));
    } catch (error) {
      const known = error instanceof ImportFailure || error instanceof Interrupted;
      this.abort(known ? error : new Interrupted(messageOf(error)));
    } finally {
      this.request.destroy();
    }
  }
}

/** An answer to the whole request: for now (429, 502-504), or for good. */
async function refusal(response: IncomingMessage): Promise<Error> {
  const status = response.statusCode ?? 0;
  let body = '';
  for await (const chunk of response.setEncoding('utf8'))
    if (body.length < tellableBytes) body += String(chunk);
  const problem = parseProblem(jsonOrNothing(body));
  const told = `the server answered ${String(status)}: ${problem.message}`;
  if (![429, 502, 503, 504].includes(status)) return new ImportFailure('server.refused', told);
  const seconds = Number(response.headers['retry-after']);
  return new Interrupted(told, Number.isFinite(seconds) ? Math.min(seconds, 60) * 1000 : 0);
}

function jsonOrNothing(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}
