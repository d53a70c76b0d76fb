'use strict';

/**
 * Rebuilds the accounts of the tests in a process of its own, for tests that kill that process.
 * Argument: `{ url, spillDirectory, partEvents, stalls }` as JSON; one that stalls reads half of the log, says so, and waits
 * to be killed. One JSON line on stdout says what became of it.
 */
require('../../../../infra/scripts/typescript.cjs');
const { CopiedEvents, PostgresEventStore } = require('@guanxi/event-store-postgres');
const { EventRegistry } = require('@guanxi/event-store');
const { createPool } = require('@guanxi/platform');
const { rebuild } = require('../rebuild/rebuild.ts');
const { accounts } = require('./ledger-model.ts');

const { url, stalls, ...place } = JSON.parse(process.argv[2]);
const pool = createPool({ url, name: 'rebuild-child', max: 6 });
const store = new PostgresEventStore(pool);
const copied = new CopiedEvents(pool);
const raw = {
  async *copy({ upTo, ...range }) {
    if (!stalls) return yield* copied.copy({ upTo, ...range });
    yield* copied.copy({ ...range, upTo: upTo / 2n });
    process.stdout.write('stalled\n');
    await new Promise((never) => setInterval(never, 2 ** 30));
  },
};
const parts = { pool, store, raw, registry: new EventRegistry([]), models: [accounts] };

rebuild({ ...parts, ...place }, accounts.name)
  .then(
    (outcome) => process.stdout.write(`${JSON.stringify(outcome)}\n`),
    ({ code, message }) => process.stdout.write(`${JSON.stringify({ failed: { code, message } })}\n`),
  )
  .finally(async () => {
    await store.close();
    await pool.end();
  });
