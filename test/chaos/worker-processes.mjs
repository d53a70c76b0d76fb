import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const ENTRY = {
  worker: fileURLToPath(new URL('../../dist/apps/worker/src/main.js', import.meta.url)),
  api: fileURLToPath(new URL('../../dist/apps/api/src/main.js', import.meta.url)),
};
export const KEY = 'a-key-for-chaos-tests-only';
/** What takes longer hangs. */
export const LIMIT_MS = 60_000;

/** What is set for a run of tests is none of the product's business, which refuses what it does not know. */
const withoutTestSettings = (environment) =>
  Object.fromEntries(Object.entries(environment).filter(([name]) => !name.startsWith('GUANXI_TEST_')));

/** Waits until a condition holds. @returns {Promise<number>} after how many milliseconds */
export async function until(what, condition, limit = LIMIT_MS) {
  const begun = performance.now();
  while (!(await condition())) {
    if (performance.now() - begun > limit)
      throw new Error(`within ${limit / 1_000} s ${what} did not happen`);
    await delay(20);
  }
  return performance.now() - begun;
}

/** A process of the product, which comes to the database as a role of its own, so that its sessions can be told. */
export class ProductProcess {
  #child;
  #ended;
  #told = [];
  url;

  /**
   * @param {'worker' | 'api'} kind
   * @param {string} role
   * @param {{databaseUrl: string, dataDir: string, environment?: NodeJS.ProcessEnv}} where
   */
  constructor(kind, role, { databaseUrl, dataDir, environment = {} }) {
    this.role = role;
    const url = new URL(databaseUrl);
    [url.username, url.password] = [role, KEY];
    const env = {
      ...withoutTestSettings(process.env),
      ...{ DATABASE_URL: url.href, GUANXI_DATA_DIR: dataDir, GUANXI_ROLE: kind },
      ...{ GUANXI_ADMIN_KEY: KEY, GUANXI_PORT: '0', GUANXI_LOG_LEVEL: 'info' },
      ...environment,
    };
    this.#child = spawn(process.execPath, [ENTRY[kind]], { env, stdio: ['ignore', 'pipe', 'pipe'] });
    this.#ended = once(this.#child, 'close');
    const hear = (line) => {
      this.url ??= /http:\/\/127\.0\.0\.1:\d+/.exec(line)?.[0];
      if (!line.includes(`"part":"http"`)) this.#told = [...this.#told.slice(-40), line];
    };
    for (const stream of [this.#child.stdout, this.#child.stderr])
      createInterface({ input: stream }).on('line', hear);
  }

  /** @throws Error with what it said when it ends instead */
  async ready() {
    const ended = this.#ended.then(([code]) => {
      throw new Error(`${this.role} ended with ${code}: ${this.#told.join('\n')}`);
    });
    // Whoever waits for nothing any more need not hear of the end that comes later.
    ended.catch(() => undefined);
    await Promise.race([until(`${this.role} was ready`, () => this.url !== undefined), ended]);
  }

  get pid() {
    return this.#child.pid;
  }

  get told() {
    return this.#told.join('\n');
  }

  halt() {
    this.#child.kill('SIGSTOP');
  }

  goOn() {
    this.#child.kill('SIGCONT');
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }

  /** Ends it as an operator does. */
  async stop() {
    this.#child.kill('SIGTERM');
    const [code] = await this.#ended;
    if (code !== 0) throw new Error(`${this.role} ended with ${code}: ${this.#told.join('\n')}`);
  }
}
