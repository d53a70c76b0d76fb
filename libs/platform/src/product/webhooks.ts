import type { CommandAside, CommandGateway } from '@guanxi/commanding';
import { CommandCatalogue } from '@guanxi/commanding';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { countEvents } from '@guanxi/event-store-postgres';
import type { RunnerLog } from '@guanxi/projections';
import type { ContractBook } from '@guanxi/publishing';
import type { SendWebhookCommand, WebhookObserver } from '@guanxi/webhooks';
import {
  Sealer,
  WebhookRunner,
  WebhookSecrets,
  Webhooks,
  ensureSecretsKey,
  webhookAsides,
} from '@guanxi/webhooks';
import type { Pool } from 'pg';
import type { Config } from '../config/config';
import type { Context } from '../context';

/** What webhooks are put together from. */
export interface WebhookParts {
  readonly config: Config;
  readonly contexts: readonly Context[];
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly contracts: ContractBook;
}

/** What the product has of webhooks in each of its processes. */
export interface ProductWebhooks {
  readonly office: Webhooks;
  readonly asides: ReadonlyMap<string, CommandAside>;
  /** The worker, to be started. */
  worker(parts: {
    readonly gateway: CommandGateway;
    readonly log: RunnerLog;
    readonly observer: WebhookObserver;
  }): WebhookRunner;
}

/** Puts webhooks together; makes the key that seals their secrets if there is none. */
export async function productWebhooks({
  config,
  contexts,
  ...parts
}: WebhookParts): Promise<ProductWebhooks> {
  const key = await ensureSecretsKey(config.dataDir, config.secretsKey);
  const secrets = new WebhookSecrets(parts.pool, new Sealer(key));
  const rules = config.webhooks ?? { allowPrivate: false, allowHttp: false };
  return {
    office: new Webhooks({
      ...parts,
      countEvents: config.kurrentUrl === undefined ? (spans) => countEvents(parts.pool, spans) : undefined,
    }),
    asides: webhookAsides({ secrets, contracts: parts.contracts, rules }),
    worker: ({ gateway, log, observer }) =>
      new WebhookRunner({ ...parts, secrets, rules, log, observer, send: sendBy(gateway, contexts) }),
  };
}

/** Commands of the webhooks' own go the way of all commands. */
function sendBy(gateway: CommandGateway, contexts: readonly Context[]): SendWebhookCommand {
  const catalogue = new CommandCatalogue(contexts.flatMap(({ commands }) => commands));
  return async ({ name, id, key, tenant, data }) => {
    const spec = catalogue.find(name);
    if (!spec) throw new Error(`no command is called ${name}`);
    await gateway.send(spec, { id, key, data }, { actor: 'webhooks', tenant });
  };
}
