import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';
import { Attempts } from './attempts.cjs';
import { createPool, PostgresEventStore } from './product.mjs';

const APPENDER = fileURLToPath(new URL('appender.mjs', import.meta.url));
/** Acknowledged appends after which something is killed: from the first ones on to when all is warm. */
const KILL_AFTER = { least: 50, most: 1_500 };
/** Appends that an appender who lost its server has to get through afterwards. */
const GO_ON_FOR = 300;
/** What takes longer hangs. */
const LIMIT_MS = 60_000;

/** What is killed, in turns. */
export const KINDS = ['appender', 'appender, then server', 'server'];

/**
 * One round: appends, a kill in their midst, and a look at what is there.
 * @param {string} kind one of KINDS
 * @param {import('./server.mjs').Server} server
 * @param {import('./log-check.cjs').LogCheck} log
 */
export async function playRound(kind, number, server, log) {
  const appender = new Appender(server.url, number);
  try {
    const after = KILL_AFTER.least + Math.floor(Math.random() * (KILL_AFTER.most - KILL_AFTER.least));
    await appender.acknowledges(after);
    if (kind !== 'server') await appender.kill();
    const underWay = appender.attempts.open;
    if (kind !== 'appender') {
      await server.kill();
      await server.start();
    }
    if (kind === 'server') {
      await appender.acknowledges(appender.attempts.acknowledged + GO_ON_FOR);
      await appender.stop();
    }
    const never = await look(server, log, appender.attempts);
    const { acknowledged, acknowledgedEvents, failures } = appender.attempts;
    return { acknowledged, acknowledgedEvents, failures, underWay, ...never };
  } finally {
    await appender.kill();
  }
}

/** Reads everything once more, on new connections. */
export const lookAgain = (server, log) => withStore(server, (store) => log.checkAgain(store));

const look = (server, log, attempts) =>
  withStore(server, async (store, pool) => {
    // The server may still be at work on what a killed appender sent.
    for (const begun = performance.now(); ; await delay(5)) {
      const { rowCount } = await pool.query(
        `select from pg_stat_activity where application_name = 'chaos-appender' and datname = current_database()`,
      );
      if (rowCount === 0) break;
      if (performance.now() - begun > LIMIT_MS)
        throw new Error('the connections of the dead appender do not end');
    }
    return log.check(store, attempts);
  });

async function withStore({ url }, use) {
  const pool = createPool({ url, name: 'chaos-check' });
  const store = new PostgresEventStore(pool);
  try {
    return await use(store, pool);
  } finally {
    await store.close();
    await pool.end();
  }
}

class Appender {
  attempts = new Attempts();
  #child;
  #ended;
  #waiting = [];

  constructor(url, round) {
    this.#child = spawn(process.execPath, [APPENDER, url, String(round)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    });
    // Its end breaks the pipe; whoever waits for it hears that from `#ended`.
    this.#child.stdin.on('error', () => undefined);
    this.#ended = once(this.#child, 'close');
    createInterface({ input: this.#child.stdout }).on('line', (line) => {
      this.attempts.hear(line);
      for (const check of this.#waiting) check();
    });
  }

  /** Resolves with the line that brings the count of acknowledged appends there. */
  async acknowledges(count) {
    let timer;
    const reached = new Promise((resolve, reject) => {
      this.#waiting = [() => this.attempts.acknowledged >= count && resolve()];
      timer = setTimeout(
        () => reject(new Error(`no ${count} appends within ${LIMIT_MS / 1000} s`)),
        LIMIT_MS,
      );
    });
    const ended = this.#ended.then(([code]) => {
      throw new Error(`the appender ended with ${code}`);
    });
    try {
      await Promise.race([reached, ended]);
    } finally {
      clearTimeout(timer);
    }
  }

  /** Has it end by itself, when all is answered. */
  async stop() {
    this.#child.stdin.write('stop\n');
    const [code] = await this.#ended;
    if (code !== 0) throw new Error(`the appender ended with ${code}`);
  }

  async kill() {
    this.#child.kill('SIGKILL');
    await this.#ended;
  }
}
