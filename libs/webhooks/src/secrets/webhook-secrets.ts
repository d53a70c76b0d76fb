import { randomBytes } from 'node:crypto';
import type { Pool } from 'pg';
import type { Sealer } from './seal';
import { CannotUnseal } from './seal';

const BYTES = 32;
const PREFIX = 'whsec_';

/** The bytes that sign, as webhooks' owners keep them: `whsec_` and base64. */
export const secretText = (secret: Buffer): string => `${PREFIX}${secret.toString('base64')}`;

/** Secrets of webhooks, in the database but sealed. */
export class WebhookSecrets {
  constructor(
    private readonly pool: Pool,
    private readonly sealer: Sealer,
  ) {}

  /** Makes a secret, or finds the one that was made under this id before. @throws CannotUnseal */
  async ensure(webhook: string, id: string): Promise<Buffer> {
    const made = randomBytes(BYTES);
    const { rowCount } = await this.pool.query(
      `insert into ops.webhook_secrets (webhook, id, key_id, sealed) values ($1, $2, $3, $4)
       on conflict (webhook, id) do nothing`,
      [webhook, id, this.sealer.keyId, this.sealer.seal(made, about(webhook, id))],
    );
    if (rowCount === 1) return made;
    return (await this.find(webhook, id)) ?? made;
  }

  /** @throws CannotUnseal when it was sealed under another key */
  async find(webhook: string, id: string): Promise<Buffer | undefined> {
    const { rows } = await this.pool.query<{ key: string; sealed: Buffer }>(
      'select key_id as key, sealed from ops.webhook_secrets where webhook = $1 and id = $2',
      [webhook, id],
    );
    const [row] = rows;
    if (!row) return undefined;
    if (row.key !== this.sealer.keyId) {
      throw new CannotUnseal(
        `the secret was sealed with key ${row.key}, this process has ${this.sealer.keyId}: give all processes the same ` +
          'GUANXI_SECRETS_KEY, or rotate the secret',
      );
    }
    return this.sealer.unseal(row.sealed, about(webhook, id));
  }

  /** Forgets secrets that no event names, because their command came to nothing; and all of removed webhooks. */
  async forget(named: readonly string[]): Promise<void> {
    await this.pool.query(
      `delete from ops.webhook_secrets
        where id <> all ($1::uuid[]) and made_at < clock_timestamp() - interval '2 days'`,
      [named],
    );
  }
}

const about = (webhook: string, id: string): string => `webhook ${webhook} secret ${id}`;
