/** Many callers at once that open deals and review those that are there, in a process of their own, until told to stop. */
import { randomUUID } from 'node:crypto';
import { built } from '../append/candidates.mjs';
import { serveJobs } from '../append/jobs.mjs';
import { dealId } from './ids.mjs';

const [url] = process.argv.slice(2);
const pool = built('platform').createPool({ url, name: 'bench' });
const store = new (built('event-store-postgres').PostgresEventStore)(pool);

const OPENED = {
  type: 'deal-opened.v1',
  data: { value: { amount: 420_000, currency: 'CNY' }, title: 'Written while it is rebuilt' },
};
const REVIEWED = { type: 'deal-reviewed.v1', data: { note: 'Reviewed while it is rebuilt' } };

let writing = false;
let callers = [];
let appended = 0;

/** Every second append is to a deal that exists, none twice in a row. */
async function write(caller, deals) {
  for (let turn = caller; writing; turn += 32) {
    const opens = turn % 2 === 0;
    const id = randomUUID();
    const event = { ...(opens ? OPENED : REVIEWED), id: randomUUID(), occurredAt: new Date().toISOString() };
    const metadata = {
      commandId: id,
      command: 'Bench',
      commandHash: id,
      correlationId: id,
      actor: 'bench',
      tenant: 'default',
      policyVersion: 1,
    };
    const stream = `deal-${opens ? id : dealId((turn * 7_919) % deals)}`;
    await store.append([{ stream, expected: opens ? 'new' : 'any', events: [event] }], metadata);
    appended += 1;
  }
}

serveJobs({
  /** @param {{concurrency: number, deals: number}} details */
  start: ({ concurrency, deals }) => {
    writing = true;
    appended = 0;
    callers = Array.from({ length: concurrency }, (_, caller) => write(caller, deals));
  },
  stop: async () => {
    writing = false;
    await Promise.all(callers);
    return { appended };
  },
  close: async () => {
    await store.close();
    await pool.end();
  },
});
