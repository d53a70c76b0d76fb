import { lookup as dnsLookup } from 'node:dns';
import type { LookupFunction } from 'node:net';
import { Agent, request } from 'undici';
import { familyOf, isPublicAddress, literalAddress } from './addresses';
import type { DeliveryPolicy } from './policy';

/** What may be called. */
export interface CallRules {
  /** Loopback, private and other addresses that are not the open internet. */
  readonly allowPrivate: boolean;
  readonly allowHttp: boolean;
}

/** What became of a call. */
export type CallOutcome =
  | { readonly kind: 'delivered'; readonly answer: number }
  /** The receiver wants no more of it. */
  | { readonly kind: 'gone'; readonly answer: number; readonly error: string }
  | {
      readonly kind: 'failed';
      readonly answer?: number;
      readonly error: string;
      /** Milliseconds for which the receiver wants to be left alone. */
      readonly retryAfter?: number;
    };

/** What the process may not call. */
class Forbidden extends Error {
  readonly code = 'GUANXI_FORBIDDEN';
}

/** Calls webhooks: only what may be called, at the address that was checked, with little patience. */
export class Caller {
  private readonly agent: Agent;

  constructor(
    private readonly rules: CallRules,
    private readonly policy: Pick<DeliveryPolicy, 'timeout' | 'answerBytes'>,
    private readonly clock: () => number,
  ) {
    // No limit on connections to one host: webhooks of one host would wait for each other, and their patience with it.
    // How many requests are at work at once is limited where they are begun.
    this.agent = new Agent({
      connect: { lookup: checkedLookup(rules), timeout: policy.timeout },
      pipelining: 1,
      keepAliveTimeout: 10_000,
      maxResponseSize: -1,
    });
  }

  /** Sends a body; what goes wrong is told, not thrown. @param stop ends it; it counts as failed then */
  async call(
    url: string,
    headers: Readonly<Record<string, string>>,
    body: string,
    stop: AbortSignal,
  ): Promise<CallOutcome> {
    const refusal = refusalOf(url, this.rules);
    if (refusal !== undefined) return { kind: 'failed', error: refusal };
    const timeout = AbortSignal.timeout(this.policy.timeout);
    const signal = AbortSignal.any([timeout, stop]);
    try {
      const answer = await request(url, {
        method: 'POST',
        headers: { 'content-type': 'application/cloudevents+json', ...headers },
        body,
        dispatcher: this.agent,
        signal,
      });
      // The body of an error may be huge or never end, too; what counts is that a good answer came to its end.
      await readSome(answer.body, this.policy.answerBytes);
      return this.judge(answer.statusCode, answer.headers['retry-after']);
    } catch (error) {
      if (timeout.aborted)
        return { kind: 'failed', error: `no complete answer within ${this.policy.timeout} ms` };
      return { kind: 'failed', error: inWords(error) };
    }
  }

  async close(): Promise<void> {
    await this.agent.destroy();
  }

  private judge(answer: number, header: string | readonly string[] | undefined): CallOutcome {
    if (answer >= 200 && answer < 300) return { kind: 'delivered', answer };
    if (answer === 410) return { kind: 'gone', answer, error: 'answered 410: it wants no more deliveries' };
    if (answer >= 300 && answer < 400) {
      const error = `answered ${answer}: redirects are not followed, update the webhook to where it is now`;
      return { kind: 'failed', answer, error };
    }
    const retryAfter = answer === 429 || answer === 503 ? millisecondsOf(header, this.clock()) : undefined;
    return {
      kind: 'failed',
      answer,
      error: `answered ${answer}`,
      ...(retryAfter !== undefined && { retryAfter }),
    };
  }
}

/** Why a URL may not be called, as far as it tells by itself; names are looked up when they are called. */
export function refusalOf(url: string, { allowHttp, allowPrivate }: CallRules): string | undefined {
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !allowHttp)
    return 'must begin with https:// (GUANXI_WEBHOOK_ALLOW_HTTP=true allows http:// too)';
  const address = literalAddress(hostname);
  if (allowPrivate || address === undefined || isPublicAddress(address)) return undefined;
  return `${address} ${NOT_PUBLIC}`;
}

const NOT_PUBLIC =
  'is not an address of the public internet (GUANXI_WEBHOOK_ALLOW_PRIVATE=true allows such addresses)';

/** Looks a name up and hands out only what may be called: what is connected to is what was checked. */
function checkedLookup({ allowPrivate }: CallRules): LookupFunction {
  return (hostname, options, callback) => {
    dnsLookup(hostname, { ...options, all: true }, (error, addresses) => {
      if (error) {
        callback(error, '', 0);
        return;
      }
      // One forbidden address among others is one too many: no honest name leads to both.
      const forbidden = allowPrivate ? undefined : addresses.find(({ address }) => !isPublicAddress(address));
      const [first] = addresses;
      if (forbidden || !first) {
        const found = forbidden?.address ?? 'nothing';
        callback(new Forbidden(`its name leads to ${found}, which ${NOT_PUBLIC}`), '', 0);
      } else if (options.all === true) callback(null, addresses);
      else callback(null, first.address, familyOf(first.address));
    });
  };
}

/** Reads to the end, or so much of it; the rest goes with the connection. */
async function readSome(body: AsyncIterable<Uint8Array>, most: number): Promise<void> {
  let read = 0;
  for await (const chunk of body) {
    read += chunk.length;
    if (read > most) return;
  }
}

/** Seconds or a date of HTTP, in milliseconds from now. */
function millisecondsOf(header: string | readonly string[] | undefined, now: number): number | undefined {
  const text = (typeof header === 'string' ? header : header?.[0])?.trim();
  if (text === undefined || text === '') return undefined;
  if (/^\d+$/.test(text)) return Number(text) * 1_000;
  const at = Date.parse(text);
  return Number.isNaN(at) ? undefined : Math.max(0, at - now);
}

const WORDS: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'the connection was refused',
  ECONNRESET: 'the connection broke off',
  UND_ERR_SOCKET: 'the connection broke off before the answer was complete',
  UND_ERR_CONNECT_TIMEOUT: 'no connection in time',
  ENOTFOUND: 'its name is not known to DNS',
  EAI_AGAIN: 'DNS did not answer',
  DEPTH_ZERO_SELF_SIGNED_CERT: 'its certificate is self-signed',
  CERT_HAS_EXPIRED: 'its certificate has expired',
  ERR_TLS_CERT_ALTNAME_INVALID: 'its certificate is for another name',
};

/** What went wrong, without what the other side said: that may be personal. */
function inWords(error: unknown): string {
  if (error instanceof Forbidden) return error.message;
  const code = codeOf(error) ?? codeOf(error instanceof Error ? error.cause : undefined);
  if (code === undefined) return error instanceof Error ? error.name : 'the call failed';
  return WORDS[code] ?? `the call failed: ${code}`;
}

const codeOf = (error: unknown): string | undefined =>
  typeof error === 'object' && error !== null && 'code' in error && typeof error.code === 'string'
    ? error.code
    : undefined;
