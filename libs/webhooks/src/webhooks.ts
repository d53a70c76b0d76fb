import { conflict, notFound } from '@guanxi/kernel';
import type { DeliveryFilter, InspectionParts, ListedDelivery, WebhookState } from './inspection';
import { listDeliveries, webhookStates } from './inspection';
import type { RegisteredWebhook } from './webhook-book';
import { WebhookBook } from './webhook-book';

/** A webhook as it is listed; never with its secret. */
export interface ListedWebhook extends Omit<WebhookState, 'webhook'> {
  readonly id: string;
  readonly url: string;
  readonly topics: readonly string[];
  readonly types: readonly string[];
  readonly description?: string;
  readonly registeredAt: string;
  readonly secretSince: string;
}

/** Looks at webhooks and their deliveries, for those who operate them. */
export class Webhooks {
  private readonly book: WebhookBook;

  constructor(private readonly parts: InspectionParts) {
    this.book = new WebhookBook(parts.store);
  }

  /** How the deliveries stand of all that are not removed. */
  states(): Promise<readonly WebhookState[]> {
    return webhookStates({ ...this.parts, book: this.book }, Date.now);
  }

  /** What an operator should know, each with what to do. */
  async notices(): Promise<readonly string[]> {
    return (await this.book.all()).flatMap(({ id, webhook: { status, reason } }) =>
      status === 'disabled' && (reason === 'gone' || reason === 'tries-exhausted')
        ? [
            `webhook ${id} was disabled (${reason}): see "guanxi webhooks deliveries ${id} --status waiting", mend its ` +
              `receiver, then "guanxi send EnableWebhook --id ${id}"; it goes on where it stood`,
          ]
        : [],
    );
  }

  /** All that are not removed. */
  async list(): Promise<readonly ListedWebhook[]> {
    const states = new Map((await this.states()).map((state) => [state.webhook, state]));
    return (await this.book.all()).flatMap((registered) => {
      const state = states.get(registered.id);
      return state ? [listed(registered, state)] : [];
    });
  }

  /** @throws DomainError `webhook.unknown` */
  async one(id: string): Promise<ListedWebhook> {
    const found = (await this.list()).find((each) => each.id === id.toLowerCase());
    if (!found) throw unknown();
    return found;
  }

  /** One page of a webhook's deliveries. @throws DomainError `webhook.unknown` */
  async deliveries(
    id: string,
    filter: DeliveryFilter,
  ): Promise<{ readonly items: readonly ListedDelivery[]; readonly nextCursor: string | null }> {
    if (!(await this.book.find(id))) throw unknown();
    return listDeliveries(this.parts.pool, id, filter);
  }

  /**
   * Has a delivery that waits tried as soon as a worker sees it.
   * @throws DomainError `webhook.unknown`, `webhook.disabled`, `delivery.unknown`, `delivery.not-waiting`
   */
  async retry(id: string, delivery: string): Promise<{ readonly id: string; readonly status: 'waiting' }> {
    const found = await this.book.find(id);
    if (!found) throw unknown();
    if (found.webhook.status === 'disabled')
      throw conflict(
        'webhook.disabled',
        'this webhook is disabled: send EnableWebhook, which tries all that waits',
      );
    const { rows } = await this.parts.pool.query<{ status: string }>(
      `with due as (
         update ops.webhook_deliveries set next_at = clock_timestamp()
          where webhook = $1 and id = $2 and status = 'waiting' returning status)
       select status from due
       union all
       select status from ops.webhook_deliveries where webhook = $1 and id = $2 and status <> 'waiting'`,
      [id, delivery],
    );
    const [row] = rows;
    if (!row) throw notFound('delivery.unknown', 'this webhook has no such delivery');
    if (row.status !== 'waiting')
      throw conflict(
        'delivery.not-waiting',
        `this delivery is ${row.status}: to have it again, send ReplayWebhook`,
      );
    return { id: delivery, status: 'waiting' };
  }
}

const unknown = () => notFound('webhook.unknown', 'there is no such webhook');

function listed(
  { id, webhook, registered }: RegisteredWebhook,
  { webhook: _id, ...state }: WebhookState,
): ListedWebhook {
  const { url, topics, types, description } = webhook.subscription;
  return {
    ...{ id, url, topics, types },
    ...(description !== undefined && { description }),
    ...{ registeredAt: registered, secretSince: webhook.secrets[0].since },
    ...state,
  };
}
