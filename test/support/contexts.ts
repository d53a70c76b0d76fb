import type { CommandSpec } from '@guanxi/commanding';
import { validateInput } from '@guanxi/commanding';
import type { EventStore, Outcome } from '@guanxi/event-store';
import { Deciders, EventRegistry } from '@guanxi/event-store';
import { PostgresEventStore } from '@guanxi/event-store-postgres';
import type { Instant } from '@guanxi/kernel';
import { instantOf, parseInstant } from '@guanxi/kernel';
import type { Context } from '@guanxi/platform';
import { createPool, migrate } from '@guanxi/platform';
import { ProjectionRunner, Queries } from '@guanxi/projections';
import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { testDatabase } from './postgres';

/** Contexts on a database of their own: real store, real runner, no HTTP. */
export interface RunningContexts {
  readonly store: EventStore;
  readonly queries: Queries;
  /** Now, by the store's clock: what `asKnownAt` takes. */
  now(): Instant;
  /** Carries out one command; returns its outcome once the read models hold it. */
  send(command: string, id: string, data: object, occurredAt?: string): Promise<Outcome>;
  stop(): Promise<void>;
}

/** Starts contexts on an empty database. */
export async function runContexts(contexts: readonly Context[]): Promise<RunningContexts> {
  const database = await testDatabase();
  await migrate(database.url);
  const pool = createPool({ url: database.url, name: 'test', max: 8 });
  const store = new PostgresEventStore(pool);
  const registry = new EventRegistry(contexts.flatMap(({ events }) => events));
  const models = contexts.flatMap(({ readModels }) => readModels);
  const warnings: string[] = [];
  const runner = new ProjectionRunner(pool, store, registry, models, {
    info: () => undefined,
    warn: (message) => warnings.push(message),
  });
  await runner.start();
  let asked = 0;
  const now = (): Instant => {
    asked = Date.now();
    return instantOf(new Date(asked));
  };
  /** What is sent after somebody asked for the time is recorded after it, not within the same millisecond. */
  const later = async (): Promise<void> => {
    while (Date.now() <= asked) await setImmediate();
  };
  const queries = new Queries(pool, store, now);
  const deciders = new Deciders(store, registry);
  const commands = new Map(contexts.flatMap((context) => context.commands).map((spec) => [spec.name, spec]));
  return {
    store,
    queries,
    now,
    send: async (command, id, data, occurredAt) => {
      const spec = commands.get(command);
      if (!spec) throw new Error(`no command is called ${command}`);
      await later();
      const outcome = await transact(deciders, spec, id, data, now(), occurredAt);
      await queries.waitFor(models, outcome.position);
      return outcome;
    },
    stop: async () => {
      await runner.stop();
      await store.close();
      await pool.end();
      await database.drop();
      if (warnings.length > 0) throw new Error(`the runner warned: ${warnings.join('; ')}`);
    },
  };
}

async function transact(
  deciders: Deciders,
  spec: CommandSpec,
  id: string,
  data: object,
  now: Instant,
  occurredAt?: string,
): Promise<Outcome> {
  const input = validateInput(spec.input, data);
  const commandId = randomUUID();
  const meta = {
    commandId,
    command: spec.name,
    commandHash: JSON.stringify([spec.name, id, occurredAt, data]),
    at: occurredAt === undefined ? now : parseInstant(occurredAt),
    now,
    correlationId: commandId,
    actor: 'tester',
    tenant: 'default',
  };
  return deciders.transact(`${spec.category}-${id}`, spec.decider, spec.decide(input, meta, id), meta, {
    mayPredate: spec.mayPredate,
  });
}
