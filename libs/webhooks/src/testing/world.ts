import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import { validateInput } from '@guanxi/commanding';
import type { EventStore, Outcome } from '@guanxi/event-store';
import { Deciders, derivedId } from '@guanxi/event-store';
import { PostgresEventStore, countEvents } from '@guanxi/event-store-postgres';
import type { CommandMeta, EventMetadata } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import { createPool, migrate } from '@guanxi/platform';
import type { Pool } from 'pg';
import { testDatabase } from '../../../../test/support/postgres';
import { webhookCommands } from '../commands/commands';
import type { DeliveryPolicy } from '../delivery/policy';
import { WebhookRunner } from '../runner';
import { Sealer } from '../secrets/seal';
import { webhookAsides } from '../secrets/secret-aside';
import { WebhookSecrets } from '../secrets/webhook-secrets';
import { Webhooks } from '../webhooks';
import { KEY, QUICK, RULES, noteBook, noteRegistry } from './notes';

/** A database with an event store, and workers of webhooks on it. */
export interface World {
  readonly url: string;
  readonly pool: Pool;
  readonly store: EventStore;
  readonly office: Webhooks;
  readonly warnings: string[];
  /** A worker that works. */
  worker(policy?: Partial<DeliveryPolicy>): WebhookRunner;
  send(
    command: string,
    id: string,
    data?: object,
    key?: string,
  ): Promise<Outcome & { readonly secret?: string }>;
  /** Registers a webhook for notes. */
  register(url: string): Promise<string>;
  /** Appends notes with these numbers to a key. @returns the position of the last one */
  write(key: string, ...numbers: readonly number[]): Promise<bigint>;
  close(): Promise<void>;
}

/** Waits until a condition holds; a test's own limit ends it. */
export async function until(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(10);
}

export async function openWorld(): Promise<World> {
  const database = await testDatabase();
  await migrate(database.url);
  const { world, end } = connect(database.url);
  return {
    ...world,
    close: async () => {
      await end();
      await database.drop();
    },
  };
}

/** A world on a database that is there, as a process of its own has it. */
export function connect(url: string): { readonly world: World; readonly end: () => Promise<void> } {
  const pool = createPool({ url, name: 'test' });
  const store = new PostgresEventStore(pool);
  const parts = { pool, store, registry: noteRegistry, contracts: noteBook };
  const secrets = new WebhookSecrets(pool, new Sealer(KEY));
  const asides = webhookAsides({ secrets, contracts: noteBook, rules: RULES });
  const deciders = new Deciders(store, noteRegistry);
  const warnings: string[] = [];
  const workers: WebhookRunner[] = [];
  const send: World['send'] = async (command, id, data = {}, key = randomUUID()) => {
    const spec = webhookCommands.find(({ name }) => name === command);
    if (!spec) throw new Error(`no command is called ${command}`);
    const input = validateInput(spec.input, data);
    const meta = metaOf(command, derivedId('command', 'default', key), JSON.stringify([id, data]));
    const told = await asides.get(command)?.before({ command, id, input, meta });
    const options = { opens: spec.verb === undefined };
    const outcome = await deciders.transact(
      `webhook-${id}`,
      spec.decider,
      spec.decide(input, meta, id),
      meta,
      options,
    );
    return { ...outcome, ...(outcome.status === 'accepted' && told?.(outcome)) };
  };
  const world: World = {
    ...{ url, pool, store, warnings, send },
    office: new Webhooks({ ...parts, countEvents: (spans) => countEvents(pool, spans) }),
    worker: (policy) => {
      const worker = new WebhookRunner({
        ...{ ...parts, secrets, rules: RULES },
        send: ({ name, id, key, data }) => send(name, id, data, key),
        log: { info: () => undefined, warn: (message) => void warnings.push(message) },
        policy: { ...QUICK, ...policy },
      });
      worker.start();
      workers.push(worker);
      return worker;
    },
    register: async (receiver) => {
      const id = randomUUID();
      await send('RegisterWebhook', id, { url: receiver, topics: ['guanxi.notes'] });
      return id;
    },
    write: async (key, ...numbers) => {
      const events = numbers.map((n) => ({
        ...{ id: randomUUID(), type: 'note-written.v1', data: { n } },
        occurredAt: instantOf(new Date()),
      }));
      const { position } = await store.append([{ stream: key, expected: 'any', events }], metadata());
      return position;
    },
    close: () => Promise.resolve(),
  };
  const end = async (): Promise<void> => {
    for (const worker of workers) await worker.stop();
    await store.close();
    await pool.end();
  };
  return { world, end };
}

function metaOf(command: string, commandId: string, commandHash: string): CommandMeta {
  const now = instantOf(new Date());
  return {
    ...{ command, commandId, commandHash, isRepeatable: true, at: now, now },
    ...{ correlationId: commandId, actor: 'tester', tenant: 'default' },
  };
}

/** Metadata of an event that no command wrote. */
export const metadata = (): EventMetadata => ({
  ...{ commandId: randomUUID(), command: 'Test', commandHash: 'hash', correlationId: 'a correlation' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
});
