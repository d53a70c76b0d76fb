import type { Happened, RecordedEvent } from '@guanxi/kernel';
import type { WebhookEvent } from './domain/webhook';

/** An event of a webhook's stream, whose data was checked against its schema before it was written. */
export const webhookEventOf = ({ type, data, occurredAt, revision }: RecordedEvent): Happened<WebhookEvent> =>
  ({ type, data, at: occurredAt, revision }) as Happened<WebhookEvent>;
