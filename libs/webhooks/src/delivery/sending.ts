import { CannotUnseal } from '../secrets/seal';
import type { Caller } from './caller';
import type { Tried } from './delivery-book';
import type { WebhookObserver } from './observer';
import { signedHeaders } from './signature';
import type { Slots } from './slots';
import type { Outgoing } from './wanted';

/** What became of a message. */
export type SendOutcome =
  | { readonly kind: 'delivered'; readonly note: Tried }
  | { readonly kind: 'failed' | 'gone' | 'untold'; readonly note: Tried; readonly retryAfter?: number }
  /** It was broken off from this side: nothing is known of it. */
  | { readonly kind: 'stopped' };

/** What messages of one webhook are sent with. */
export interface SendingParts {
  readonly webhook: string;
  readonly url: string;
  readonly caller: Caller;
  /** Shared by all webhooks of the process. */
  readonly slots: Slots;
  /** Secrets that sign now, the one in force first. @throws CannotUnseal */
  readonly secrets: () => Promise<readonly Buffer[]>;
  readonly observer?: WebhookObserver;
  /** Milliseconds since 1970. */
  readonly clock: () => number;
}

/** Signs and sends messages of one webhook. */
export class Sending {
  constructor(private readonly parts: SendingParts) {}

  /** Sends one message; failures are told, not thrown. */
  async send(message: Outgoing, stop: AbortSignal): Promise<SendOutcome> {
    const { webhook, observer } = this.parts;
    if (stop.aborted) return { kind: 'stopped' };
    if (!message.event) {
      observer?.tried(webhook, 'untold', 0);
      return { kind: 'untold', note: { ...(message.fault !== undefined && { error: message.fault }) } };
    }
    const body = JSON.stringify(message.event);
    const sent = this.parts.slots.use(webhook, stop, () => this.call(message.id, body, stop));
    return (await sent) ?? { kind: 'stopped' };
  }

  private async call(id: string, body: string, stop: AbortSignal): Promise<SendOutcome> {
    const { url, caller, secrets, clock, observer, webhook } = this.parts;
    if (stop.aborted) return { kind: 'stopped' };
    let signing: readonly Buffer[];
    try {
      signing = await secrets();
    } catch (error) {
      if (error instanceof CannotUnseal) return { kind: 'untold', note: { error: error.message } };
      throw error;
    }
    if (signing.length === 0)
      return { kind: 'untold', note: { error: 'its secret is lost: rotate the secret' } };
    const begun = performance.now();
    const headers = signedHeaders(id, Math.floor(clock() / 1_000), body, signing);
    const outcome = await caller.call(url, { ...headers }, body, stop);
    // An answer that came to its end counts, whenever we were told to stop.
    if (stop.aborted && outcome.kind !== 'delivered') return { kind: 'stopped' };
    const milliseconds = Math.round(performance.now() - begun);
    observer?.tried(webhook, outcome.kind, milliseconds / 1_000);
    if (outcome.kind === 'delivered')
      return { kind: 'delivered', note: { answer: outcome.answer, milliseconds } };
    const { answer, error } = outcome;
    const note = { error, milliseconds, ...(answer !== undefined && { answer }) };
    const retryAfter = outcome.kind === 'failed' ? outcome.retryAfter : undefined;
    return { kind: outcome.kind, note, ...(retryAfter !== undefined && { retryAfter }) };
  }
}
