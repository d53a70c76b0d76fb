import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { createPool } from './projections-product.mjs';
import { KEY, ProductProcess, until } from './worker-processes.mjs';

/** Names of workers' sessions begin so. */
const SESSION = 'guanxi worker ';

/** Worker processes on one database, a server for commands, and a look at who holds what. */
export class WorkerCrew {
  workers = [];
  api;
  #pool;
  #environment;
  #started = 0;

  /**
   * @param {import('./server.mjs').Server} server
   * @param {string} dir
   * @param {NodeJS.ProcessEnv} [environment] of its processes, beside what all of them get
   */
  constructor(server, dir, environment = {}) {
    this.server = server;
    this.dir = dir;
    this.#environment = environment;
    this.#pool = createPool({ url: server.url, name: 'chaos-crew', max: 2 });
  }

  async start(count) {
    this.api = await this.#begin('api');
    for (let n = 0; n < count; n += 1) await this.join();
  }

  /** Starts another worker and waits until it has its share. */
  async join() {
    const worker = await this.#begin('worker');
    this.workers.push(worker);
    await until(`${worker.role} had a share`, async () => (await this.heldBy(worker)) > 0);
    return worker;
  }

  leave(worker) {
    this.workers = this.workers.filter((each) => each !== worker);
  }

  any() {
    return this.workers[Math.floor(Math.random() * this.workers.length)];
  }

  /** Position of the log's end. */
  async head() {
    const [{ position }] = await this.rows('select position::text from es.head');
    return BigInt(position);
  }

  /** Names under which a process holds shards now. */
  async namesOf({ role }) {
    const rows = await this.rows(
      `select substr(application_name, ${SESSION.length + 1}) as id from pg_stat_activity
        where usename = $1 and starts_with(application_name, '${SESSION}')`,
      [role],
    );
    return rows.map(({ id }) => id);
  }

  /** How many shards a process holds. */
  async heldBy(worker) {
    const names = await this.namesOf(worker);
    const [{ held }] = await this.rows(
      'select count(*)::integer as held from ops.checkpoints where holder::text = any ($1)',
      [names],
    );
    return held;
  }

  /**
   * Waits until every shard is held by somebody else than these, and has come to a position.
   * @returns {Promise<{heldMs: number, foldedMs: number}>}
   */
  async takenOver(names, position) {
    const begun = performance.now();
    const missing = (condition) => async () => {
      const [{ n }] = await this.rows(
        `select count(*)::integer as n from ops.checkpoints where ${condition}`,
        condition.includes('$2') ? [names, String(position)] : [names],
      );
      return n === 0;
    };
    await until('all shards were held', missing('holder is null or holder::text = any ($1)'));
    const heldMs = performance.now() - begun;
    await until('all shards went on', missing('position < $2::bigint and not holder::text = any ($1)'));
    return { heldMs, foldedMs: performance.now() - begun };
  }

  /** Runs a statement; again as long as the server is away. */
  async rows(text, values = []) {
    let rows;
    await until('the database answered', async () => {
      rows = await this.#pool.query(text, values).then(
        (result) => result.rows,
        () => undefined,
      );
      return rows !== undefined;
    });
    return rows;
  }

  async end() {
    for (const worker of this.workers) {
      worker.goOn();
      await worker.kill();
    }
    await this.api?.kill();
    await this.#pool.end();
  }

  async #begin(kind) {
    const role = `${kind}_${(this.#started += 1)}`;
    await this.rows(`create role ${role} superuser login password '${KEY}'`);
    const dataDir = join(this.dir, role);
    mkdirSync(dataDir);
    const databaseUrl = this.server.url;
    const process = new ProductProcess(kind, role, { databaseUrl, dataDir, environment: this.#environment });
    await process.ready();
    return process;
  }
}
