import type { EventStore } from '@guanxi/event-store';
import type { Happened, RecordedEvent } from '@guanxi/kernel';
import { idOf } from '@guanxi/kernel';
import type { KnownWebhook, Webhook, WebhookEvent } from './domain/webhook';
import { webhookDecider, webhookEvents } from './domain/webhook';
import { webhookEventOf } from './webhook-event.codec';

/** A webhook with where in the log it stands by its own events. */
export interface RegisteredWebhook {
  readonly id: string;
  readonly webhook: KnownWebhook;
  /** Revision of its last event: another one means that something of it has changed. */
  readonly revision: number;
  /** Where it was registered: what happened before is not told to it unless it asks. */
  readonly registeredAt: bigint;
  readonly registered: string;
  readonly tenant: string;
}

const TYPES = webhookEvents.map(({ type }) => type);

/** Every webhook that was ever registered, folded from the log and read on at each question: there are few. */
export class WebhookBook {
  private readonly webhooks = new Map<string, RegisteredWebhook>();
  private position = 0n;
  private reading: Promise<unknown> = Promise.resolve();

  constructor(private readonly store: EventStore) {}

  /** All of them as of now, removed ones among them, in the order in which they were registered. */
  async all(): Promise<readonly RegisteredWebhook[]> {
    const read = this.reading.then(() => this.readOn());
    this.reading = read.catch(() => undefined);
    await read;
    return [...this.webhooks.values()];
  }

  /** One that is not removed. */
  async find(id: string): Promise<RegisteredWebhook | undefined> {
    const found = (await this.all()).find((each) => each.id === id.toLowerCase());
    return found?.webhook.status === 'removed' ? undefined : found;
  }

  private async readOn(): Promise<void> {
    const { position: head } = await this.store.head();
    if (head <= this.position) return;
    const after = this.position;
    for await (const events of this.store.readAll({ after, filter: { types: TYPES } }))
      for (const event of events) this.take(event);
    if (head > this.position) this.position = head;
  }

  private take(event: RecordedEvent): void {
    if (event.position <= this.position) return;
    const id = idOf(event.stream);
    const known = this.webhooks.get(id);
    const next = evolve(known?.webhook ?? webhookDecider.initial, webhookEventOf(event));
    if (next.status !== 'none') {
      this.webhooks.set(id, {
        id,
        webhook: next,
        revision: event.revision,
        registeredAt: known?.registeredAt ?? event.position,
        registered: known?.registered ?? event.recordedAt,
        tenant: event.metadata.tenant,
      });
    }
    this.position = event.position;
  }
}

const evolve = (webhook: Webhook, happened: Happened<WebhookEvent>): Webhook =>
  webhookDecider.evolve(webhook, happened);
