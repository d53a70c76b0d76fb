import { setTimeout as pause } from 'node:timers/promises';
import { Failure, Refusal } from '../failures';
import { type CommandLine, isRecord, messageOf } from '../import/types';
import type { ServerSettings } from './settings';

export type Answer = Readonly<Record<string, unknown>>;

/** Query parameters; what is undefined is not sent. */
export type Parameters = Readonly<Record<string, string | undefined>>;

interface GetOptions {
  readonly parameters?: Parameters;
  readonly accept?: string;
  /** Wait until the answer counts in this position of the log. */
  readonly minPosition?: string;
}

/** How long a query waits for read models that are behind. */
const BEHIND_MS = 120_000;

/** Speaks to a running server over HTTP. */
export class Client {
  constructor(readonly settings: ServerSettings) {}

  /** @throws Refusal, Failure `server.unreachable` */
  async get(path: string, options: GetOptions = {}): Promise<Answer> {
    return json(await this.fetched(path, options));
  }

  /** An answer as text, in the form that `accept` names. @throws Refusal, Failure */
  async text(path: string, options: GetOptions): Promise<string> {
    const response = await this.fetched(path, options);
    return response.text();
  }

  /** @param key sent as Idempotency-Key. @throws Refusal, Failure `server.unreachable` */
  async post(path: string, body: object, key?: string): Promise<Answer> {
    const headers = {
      'content-type': 'application/json',
      ...(key === undefined ? {} : { 'idempotency-key': key }),
    };
    const response = await this.request(path, { method: 'POST', headers, body: JSON.stringify(body) });
    if (!response.ok) throw await refusal(response);
    return json(response);
  }

  /**
   * Sends one command through the bulk route, which needs no more than its name.
   * @throws Refusal, Failure `server.unreachable`
   */
  async command(line: Partial<CommandLine> & Pick<CommandLine, 'command'>): Promise<Answer> {
    const headers = { 'content-type': 'application/x-ndjson' };
    const response = await this.request('v1/commands', {
      method: 'POST',
      headers,
      body: `${JSON.stringify(line)}\n`,
    });
    if (!response.ok) throw await refusal(response);
    const answer = await json(response);
    const { problem } = answer;
    if (!isRecord(problem)) return answer;
    const { detail } = problem;
    throw new Refusal({
      ...problem,
      ...(typeof detail === 'string' && { detail: detail.replace(/^line 1: /, '') }),
    });
  }

  /** The address of a query with its parameters. */
  address(path: string, parameters: Parameters = {}): string {
    const { url } = this.settings;
    const target = new URL(path.replace(/^\//, ''), url.endsWith('/') ? url : `${url}/`);
    for (const [name, value] of Object.entries(parameters)) {
      if (value !== undefined) target.searchParams.append(name, value);
    }
    return target.href;
  }

  /** Whether the server takes requests; its answer also when it says no. @throws Failure `server.unreachable` */
  async readiness(): Promise<Answer> {
    return json(await this.request('health/ready', {}));
  }

  private async fetched(path: string, { parameters, accept, minPosition }: GetOptions): Promise<Response> {
    const headers = {
      accept: accept ?? 'application/json',
      ...(minPosition === undefined ? {} : { 'guanxi-min-position': minPosition }),
    };
    const deadline = Date.now() + BEHIND_MS;
    for (;;) {
      const response = await this.request(this.address(path, parameters), { headers });
      if (response.ok) return response;
      const problem = await refusal(response);
      if (problem.code !== 'query.behind' || Date.now() > deadline) throw problem;
      await pause(200);
    }
  }

  private async request(path: string, init: RequestInit): Promise<Response> {
    const { url, apiKey } = this.settings;
    const headers = {
      ...init.headers,
      ...(apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` }),
    };
    try {
      return await fetch(path.startsWith('http') ? path : this.address(path), { ...init, headers });
    } catch (error) {
      throw new Failure(
        'server.unreachable',
        `no server answers at ${url} (${reason(error)}); start one with npm start, or name another with GUANXI_URL`,
      );
    }
  }
}

async function json(response: Response): Promise<Answer> {
  try {
    const value: unknown = await response.json();
    if (isRecord(value)) return value;
  } catch {
    // What is no JSON is told below.
  }
  throw new Failure(
    'server.answer',
    `${response.url} answered ${String(response.status)} with something that is no JSON object: is a Guanxi server there?`,
  );
}

async function refusal(response: Response): Promise<Refusal> {
  const problem = await json(response);
  if (response.status !== 401) return new Refusal({ status: response.status, ...problem });
  const detail =
    'the key is missing or not accepted; set GUANXI_API_KEY, or GUANXI_DATA_DIR to the directory of the server';
  return new Refusal({ ...problem, status: 401, detail });
}

/** fetch hides why a connection failed in its error's cause. */
function reason(error: unknown): string {
  const cause = error instanceof Error ? (error.cause ?? error) : error;
  return isRecord(cause) && typeof cause['code'] === 'string' ? cause['code'] : messageOf(cause);
}
