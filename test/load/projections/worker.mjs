/**
 * One worker of the deals' read model in a process of its own, as the product has it. It follows the log page by page,
 * or rebuilds, from the first event to the last, into tables that it makes, and tells how long that took.
 *
 * `plain`: what a table of today does not need is left away. Earlier rows are not written, movements neither made nor
 * written, and the indexes of both are not there.
 */
import { mkdtempSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { built } from '../append/candidates.mjs';
import { serveJobs } from '../append/jobs.mjs';
import { ROOT, residentMegabytes } from '../product.mjs';

const require = createRequire(import.meta.url);
const [url, kind] = process.argv.slice(2);
const projections = built('projections');
const { PostgresEventStore, CopiedEvents } = built('event-store-postgres');
const { EventRegistry } = built('event-store');
const { deals, dealsContext } = built('deals');

const pool = built('platform').createPool({ url, name: 'bench' });
const store = new PostgresEventStore(pool);
const registry = new EventRegistry(dealsContext.events);
const model = kind === 'plain' ? plain() : deals;

function plain() {
  const { ModelWriter } = partOf('model-writer');
  const { PartRows } = partOf('rebuild/part-rows');
  for (const name of ['closed', 'history']) replace(ModelWriter.prototype, name, () => () => undefined);
  replace(
    PartRows.prototype,
    'add',
    (add) =>
      function (key, versions) {
        add.call(this, key, {
          current: versions.current,
          lastAt: versions.lastAt,
          closed: [],
          movements: [],
        });
      },
  );
  return {
    ...deals,
    movements: undefined,
    indexes: deals.indexes.filter(({ table }) => table === 'current'),
  };
}

function partOf(name) {
  return require(join(ROOT, `dist/libs/projections/src/${name}.js`));
}

function replace(of, name, by) {
  if (typeof of[name] !== 'function')
    throw new Error(`nothing is called ${name} any more: the plain candidate would be none`);
  of[name] = by(of[name]);
}

/** Takes all generations away, and the views for analysts that show them. */
async function empty() {
  for (const { generation } of await projections.generationsOf(pool))
    await pool.query(`${projections.dropTables(generation)} cascade`);
  await pool.query('delete from ops.serving');
  await pool.query('delete from ops.generations');
}

/** Makes the generation that workers follow; nothing is in it. */
async function prepare() {
  await projections.prepareReadModels(pool, [model]);
  const [{ generation }] = await projections.generationsOf(pool);
  if (kind === 'plain') await dropHistoryIndexes(generation);
  return generation;
}

async function dropHistoryIndexes(generation) {
  const { rows } = await pool.query(
    'select indexrelid::regclass::text as name from pg_index where indrelid = $1::regclass',
    [projections.tablesOf(generation).history],
  );
  for (const { name } of rows) await pool.query(`drop index ${name}`);
}

/** Does `work` while a worker of the product follows the log. */
async function withWorker(work) {
  const warnings = [];
  const log = { info: () => undefined, warn: (line) => warnings.push(line) };
  const runner = new projections.ProjectionRunner(pool, store, registry, [model], log);
  await runner.start();
  try {
    return await work();
  } finally {
    await runner.stop();
    if (warnings.length > 0) console.error(warnings.join('\n'));
  }
}

/** Follows until some generations have all events that there are. */
const follow = (generations) =>
  withWorker(async () => {
    const { position: head } = await store.head();
    while ((await reached(generations)) < head) await pause(20);
    return { events: Number(head) };
  });

async function reached(generations) {
  const { rows } = await pool.query(
    'select min(position)::text as position from ops.checkpoints where generation = any ($1)',
    [generations],
  );
  return BigInt(rows[0].position);
}

async function rebuild() {
  const spillDirectory = mkdtempSync(join(tmpdir(), 'guanxi-bench-spill-'));
  try {
    const parts = { pool, store, registry, models: [model], raw: new CopiedEvents(pool), spillDirectory };
    return await projections.rebuild(parts, model.name);
  } finally {
    rmSync(spillDirectory, { recursive: true, force: true });
  }
}

/** @returns what `work` comes to, with the time that it and this process's processor took */
async function timed(work) {
  const memory = [];
  const watch = setInterval(() => memory.push(residentMegabytes(process.pid)), 200);
  const cpu = process.cpuUsage();
  const begun = performance.now();
  const result = await work();
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  clearInterval(watch);
  return { ...result, ms, cpuMs: (user + system) / 1_000, peakMb: Math.round(Math.max(0, ...memory)) };
}

serveJobs({
  /** Follows the log from its first event on. */
  follow: async () => {
    await empty();
    const generation = await prepare();
    return { generation, ...(await timed(() => follow([generation]))) };
  },
  /** Rebuilds beside nothing. */
  rebuild: async () => {
    await empty();
    return timed(rebuild);
  },
  /** Rebuilds beside what is followed, whatever is appended meanwhile; its last part is left to a worker. */
  rebuildBeside: () => timed(() => withWorker(rebuild)),
  /** Lets generations catch up with what was appended. */
  catchUp: ({ generations }) => follow(generations),
  close: async () => {
    await store.close();
    await pool.end();
  },
});
