import type { Pool } from 'pg';
import type { WebhookSecrets } from '../secrets/webhook-secrets';
import type { RegisteredWebhook } from '../webhook-book';
import type { DeliveryPolicy } from './policy';

/**
 * Forgets deliveries that are through and old, or more than are kept of a webhook; all of removed webhooks; secrets that
 * nobody names. What tells that a message behind its webhook's place is through is kept.
 */
export async function forgetOld(
  { pool, secrets }: { readonly pool: Pool; readonly secrets: WebhookSecrets },
  all: readonly RegisteredWebhook[],
  { keptFor, keptMost }: Pick<DeliveryPolicy, 'keptFor' | 'keptMost'>,
): Promise<void> {
  const removed = all.filter(({ webhook }) => webhook.status === 'removed').map(({ id }) => id);
  await pool.query('delete from ops.webhook_deliveries where webhook = any ($1::uuid[])', [removed]);
  await pool.query(
    'delete from ops.webhook_places where webhook = any ($1::uuid[]) and until < clock_timestamp()',
    [removed],
  );
  await pool.query(
    `delete from ops.webhook_deliveries d using ops.webhook_places p
      where d.webhook = p.webhook and d.status <> 'waiting' and (d.run < p.run or d.position <= p.position)
        and d.first_at < clock_timestamp() - $1::bigint * interval '1 ms'`,
    [keptFor],
  );
  for (const { id } of all) {
    await pool.query(
      `delete from ops.webhook_deliveries d using ops.webhook_places p
        where d.webhook = $1 and p.webhook = $1 and d.status <> 'waiting' and (d.run < p.run or d.position <= p.position)
          and d.number < (select number from ops.webhook_deliveries where webhook = $1
                           order by number desc offset $2 limit 1)`,
      [id, keptMost],
    );
  }
  await secrets.forget(
    all.flatMap(({ webhook }) => (webhook.status === 'removed' ? [] : webhook.secrets.map(({ id }) => id))),
  );
}
