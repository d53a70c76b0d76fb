/**
 * The product's relay in a process of its own, from the beginning of a log to its end, each time as one that has never
 * published: what it keeps of its place has a prefix of its own.
 *
 *   node relay.mjs <database> <broker>
 */
import { serveJobs } from '../append/jobs.mjs';
import { built } from '../append/candidates.mjs';

const [, , url, broker] = process.argv;
const { createPool } = built('platform');
const { PostgresEventStore } = built('event-store-postgres');
const { EventRegistry } = built('event-store');
const { contexts } = built('contexts');
const { ContractBook, KafkaPublisher, Relay } = built('publishing');

const pool = createPool({ url, name: 'bench-relay' });
const store = new PostgresEventStore(pool);
const registry = new EventRegistry(contexts.flatMap(({ events }) => events));
const book = new ContractBook(
  contexts.flatMap(({ publishes }) => publishes ?? []),
  '/guanxi/bench',
);

/**
 * Publishes everything. Counted is from the moment at which the relay knows where it begins to its last commit.
 * @returns {Promise<{ms: number, messages: number, bytes: number, cpuMs: number, transactions: number[]}>} `transactions`:
 *   the messages of each
 */
async function publish({ name }) {
  const transactionalId = `bench-${name}`;
  const publisher = new KafkaPublisher({ brokers: [broker], transactionalId, statePrefix: `${name}/` });
  const { position } = await store.head();
  const transactions = [];
  let bytes = 0;
  let begun;
  let ended;
  let cpu;
  const relay = new Relay({
    ...{ store, registry, book, publisher, upTo: position },
    log: {
      info: (line) => {
        if (!line.startsWith('publishing from')) return;
        begun = performance.now();
        cpu = process.cpuUsage();
      },
      warn: (line) => process.stderr.write(`${line}\n`),
    },
    observer: {
      published: (batch) => {
        ended = performance.now();
        // At last comes one with the position alone.
        if (batch.messages > 0) transactions.push(batch.messages);
        bytes += batch.bytes;
      },
      failed: () => undefined,
      parked: () => undefined,
      healed: () => undefined,
    },
  });
  const { kind, reason } = await relay.run(new AbortController().signal);
  if (kind !== 'done') throw new Error(`the relay ended: ${kind}, ${reason}`);
  const { user, system } = process.cpuUsage(cpu);
  const messages = transactions.reduce((sum, count) => sum + count, 0);
  return { ms: ended - begun, messages, bytes, cpuMs: (user + system) / 1_000, transactions };
}

async function close() {
  await store.close();
  await pool.end();
}

serveJobs({ publish, close });
