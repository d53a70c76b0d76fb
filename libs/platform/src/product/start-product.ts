import type { EventStore } from '@guanxi/event-store';
import { EventRegistry } from '@guanxi/event-store';
import type { Instant } from '@guanxi/kernel';
import type { Clock } from '@guanxi/policies';
import { policyStates } from '@guanxi/policies';
import {
  DeadLetters,
  ProjectionRunner,
  Queries,
  deadLetterSkipped,
  prepareReadModels,
  readModelNotices,
} from '@guanxi/projections';
import { registerFeedMetrics } from '@guanxi/publishing';
import type { Pool } from 'pg';
import type { AdminKey } from '../auth/admin-key';
import { ensureAdminKey } from '../auth/admin-key';
import { ApiKeyRow } from '../auth/api-key.row';
import { ApiKeys } from '../auth/api-keys';
import type { Config } from '../config/config';
import type { Context } from '../context';
import { DatabaseTime } from '../database/database-time';
import { createPool } from '../database/pools';
import { migratedDataSource } from '../database/migrate';
import { startEmbeddedPostgres } from '../embedded-postgres/embedded-postgres';
import { downstreamState } from '../health/downstream';
import { HealthProbe } from '../health/health-probe';
import { Metrics } from '../health/metrics';
import { projectionState } from '../health/projection-state';
import { WebhookMetrics } from '../health/webhook-metrics';
import { JsonLog } from '../logging/json-log';
import { DeadLetterOffice } from '../operations/dead-letter-office';
import { Closers } from './closers';
import { startHttpApp } from './http-app';
import { lookAtCode } from './look-at-code';
import { openStore } from './open-store';
import { policyRunner } from './policies';
import { contractBook, publicFeed } from './public-feed';
import { relayLook, relayNotices, relayWorker } from './relay';
import { productVersion } from './version';
import { productWebhooks } from './webhooks';

/** What a product is started from. */
export interface ProductOptions {
  readonly config: Config;
  readonly contexts: readonly Context[];
  /** Absent: warnings and errors to stderr. */
  readonly log?: JsonLog;
  /** Gets what a person at the terminal should know while it starts. */
  readonly say?: (line: string) => void;
  /** By which timers of policies fire. Absent: the database's clock. */
  readonly policyClock?: Clock;
}

/** A product that runs. */
export interface Product {
  readonly url: string;
  /** The first key; its text is absent when only its hash is on record. */
  readonly admin: AdminKey;
  /** The first key's text, '' when only its hash is on record. */
  readonly adminKey: string;
  readonly store: EventStore;
  readonly pool: Pool;
  readonly queries: Queries;
  /** Absent in a process that only serves. */
  readonly runner: ProjectionRunner | undefined;
  /** Holds when the embedded database ended by accident, with how. */
  readonly failed: Promise<string>;
  /** Stops taking requests, lets those under way end, stops everything in 10 s. Safe to call twice. */
  close(): Promise<void>;
}

const QUERY_MILLISECONDS = 30_000;
const PATIENCE_MILLISECONDS = 4_000;

/**
 * Starts everything of a role in this process: database, migrations, projections, HTTP.
 * @throws StartError, DatabaseError, EmbeddedPostgresError with messages for people; whatever had started is stopped
 */
export async function startProduct(options: ProductOptions): Promise<Product> {
  const closers = new Closers();
  try {
    return await start(options, closers);
  } catch (error) {
    await closers.close().catch(() => undefined);
    throw error;
  }
}

async function start({ config, contexts, ...options }: ProductOptions, closers: Closers): Promise<Product> {
  const log = options.log ?? new JsonLog('warn', (lines) => process.stderr.write(lines));
  for (const hint of config.hints ?? []) log.warn(hint);
  const database = await openDatabase(config, closers, options.say ?? (() => undefined));
  const source = await migratedDataSource(database.url, config.acceptUnsafe);
  closers.add(() => source.destroy());
  let closing: Promise<void> | undefined;
  const onError = (error: Error): void => {
    // The embedded database ends what is still open when it stops; that is no news then.
    if (closing !== undefined) return;
    log.warn({ event: 'a database connection broke', error }, 'database');
  };
  const pool = createPool({ url: database.url, name: 'guanxi', onError });
  closers.add(() => endPool(pool));
  const reading = createPool({
    url: database.url,
    name: 'guanxi-queries',
    statementTimeout: QUERY_MILLISECONDS,
    onError,
  });
  closers.add(() => endPool(reading));

  const store = await openStore(pool, config.kurrentUrl, {
    written: (group) => {
      metrics.store.written(group);
    },
  });
  closers.add(() => store.close());
  const registry = new EventRegistry([...contexts.flatMap(({ events }) => events), deadLetterSkipped]);
  const models = contexts.flatMap(({ readModels }) => readModels);
  const time = await DatabaseTime.open(pool);
  closers.add(() => time.close());
  const clock = (): Instant => time.now();
  const queries = new Queries(reading, store, clock);
  const keys = new ApiKeys(source.getRepository(ApiKeyRow), () => time.date());
  const serves = config.role !== 'worker';
  const admin = serves ? await ensureAdminKey(keys, config.dataDir, config.adminKey) : {};

  for (const notice of await prepareReadModels(pool, models)) log.warn(notice);
  const countsEvents = config.kurrentUrl === undefined;
  const contracts = contractBook(contexts);
  const webhooks = await productWebhooks({ config, contexts, pool, store, registry, contracts });
  const notices = async (): Promise<readonly string[]> => [
    ...(await readModelNotices(reading, models)),
    ...(await webhooks.office.notices()),
    ...(config.kafka === undefined ? [] : await relayNotices(reading)),
  ];
  const state = (): ReturnType<typeof projectionState> =>
    projectionState({
      ...{ pool: reading, store, models, countsEvents, notices },
      clock: () => time.milliseconds(),
    });
  const metrics = new Metrics(state, () => policyStates(reading));
  const runner =
    config.role === 'api'
      ? undefined
      : new ProjectionRunner(pool, store, registry, models, log, undefined, metrics.projections);
  if (runner) {
    await runner.start();
    closers.add(() => runner.stop());
    closers.add(lookAtCode({ pool, store, registry, models }, log));
  }
  const letters = new DeadLetterOffice({
    ...{ pool, store, hasBrokers: config.kafka !== undefined },
    letters: new DeadLetters({ pool, store, registry }, models, clock),
  });
  const feed = publicFeed({ book: contracts, store, registry, countsEvents, log });
  if (serves) metrics.measure((measured) => registerFeedMetrics(measured, feed));
  const downstream = {
    countsEvents,
    ...{ relay: config.kafka && relayLook({ pool: reading, store, registry, book: contracts }) },
    ...{ feed: serves ? feed : undefined, webhooks: webhooks.office },
  };
  const probe = new HealthProbe(state, () => downstreamState(downstream));
  const parts = {
    contexts,
    serves,
    clock,
    store,
    registry,
    queries,
    letters,
    keys,
    metrics,
    probe,
    feed,
    webhooks,
  };
  const { host, port } = config;
  const app = await startHttpApp(parts, { host, port, version: productVersion(), log });
  closers.add(() => app.close(PATIENCE_MILLISECONDS));
  if (config.role !== 'api') {
    const { gateway } = app;
    const { policyClock } = options;
    const policies = policyRunner({
      ...{ contexts, pool, store, registry, gateway, log, observer: metrics.policies },
      ...(policyClock && { clock: policyClock }),
    });
    await policies.start();
    closers.add(() => policies.stop());
    const observer = metrics.measure(
      (measured) => new WebhookMetrics(measured, () => webhooks.office.states()),
    );
    const deliveries = webhooks.worker({ gateway, log, observer });
    deliveries.start();
    closers.add(() => deliveries.stop());
    const { kafka } = config;
    if (kafka !== undefined) {
      const relay = relayWorker({ kafka, pool, store, registry, book: contracts, metrics, log });
      relay.start();
      closers.add(() => relay.stop());
    }
  }

  return {
    url: app.url,
    admin,
    adminKey: admin.text ?? '',
    store,
    pool,
    queries,
    runner,
    failed: failureOf(database.ended, () => closing !== undefined),
    close: () => {
      probe.stop();
      closing ??= closers.close().finally(() => {
        log.flush();
      });
      return closing;
    },
  };
}

async function openDatabase(
  { databaseUrl: url, dataDir }: Config,
  closers: Closers,
  say: (line: string) => void,
): Promise<{ readonly url: string; readonly ended?: Promise<string> }> {
  if (url !== undefined) return { url };
  const embedded = await startEmbeddedPostgres({ dataDir, log: say });
  closers.add(() => embedded.stop());
  return embedded;
}

/** Resolves when the embedded database has ended and nobody had asked for it. */
async function failureOf(ended: Promise<string> | undefined, expected: () => boolean): Promise<string> {
  const how = ended === undefined ? undefined : await ended;
  if (how !== undefined && !expected()) return how;
  return new Promise(() => undefined);
}

const END_MILLISECONDS = 2_000;

/** Ends a pool; a connection that somebody still holds is not waited for for long. */
async function endPool(pool: Pool): Promise<void> {
  let timer: NodeJS.Timeout | undefined;
  const enough = new Promise<void>((resolve) => {
    timer = setTimeout(resolve, END_MILLISECONDS);
  });
  await Promise.race([pool.end(), enough]);
  clearTimeout(timer);
}
