import { CommandCatalogue } from '@guanxi/commanding';
import type { CommandGateway } from '@guanxi/commanding';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { Clock, PolicyObserver, SendCommand } from '@guanxi/policies';
import { PolicyRunner } from '@guanxi/policies';
import type { RunnerLog } from '@guanxi/projections';
import type { Pool } from 'pg';
import type { Context } from '../context';

/** What a worker of the policies is put together from. */
export interface PolicyParts {
  readonly contexts: readonly Context[];
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly gateway: CommandGateway;
  readonly log: RunnerLog;
  readonly observer: PolicyObserver;
  /** Absent: the database's clock. */
  readonly clock?: Clock;
}

/**
 * The worker of all contexts' policies, whose commands go the way of all commands.
 * @throws Error when a policy says that it sends a command that no context declares
 */
export function policyRunner({ contexts, gateway, ...parts }: PolicyParts): PolicyRunner {
  const catalogue = new CommandCatalogue(contexts.flatMap(({ commands }) => commands));
  const policies = contexts.flatMap((context) => context.policies ?? []);
  for (const { name, sends } of policies) {
    const unknown = sends.find((command) => !catalogue.find(command));
    if (unknown !== undefined) throw new Error(`policy ${name} sends ${unknown}, which no context declares`);
  }
  return new PolicyRunner({ ...parts, policies, send: sendBy(gateway, catalogue) });
}

const sendBy =
  (gateway: CommandGateway, catalogue: CommandCatalogue): SendCommand =>
  async ({ command, commandKey, target, data, actor, tenant, correlationId, causationId }) => {
    const spec = catalogue.find(command);
    if (!spec) throw new Error(`no command is called ${command}`);
    const sender = { actor, tenant, correlationId, causationId };
    await gateway.send(spec, { key: commandKey, data, ...(target === null ? {} : { id: target }) }, sender);
  };
