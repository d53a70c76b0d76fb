import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { startEmbeddedPostgres } from './product.mjs';

/** An embedded PostgreSQL that can be killed and started again on the same data. */
export class Server {
  #postgres;

  /** @param {string} dataDir */
  constructor(dataDir) {
    this.dataDir = dataDir;
  }

  /** Starts it where it last ran, so that whoever lost it finds it again. */
  async start() {
    this.#postgres = await startEmbeddedPostgres({ dataDir: this.dataDir, port: this.#postgres?.port ?? 0 });
  }

  get url() {
    return this.#postgres.url;
  }

  /**
   * Kills the server and all its parts at once. It is halted first: then it can neither start nor bury a part while
   * they are counted, and no number in the list can have passed to another process.
   */
  async kill() {
    const { pid } = this.#postgres;
    process.kill(pid, 'SIGSTOP');
    for (const victim of [...childrenOf(pid), pid]) process.kill(victim, 'SIGKILL');
    // The server's end alone keeps no process waiting.
    const awake = setInterval(() => undefined, 1_000);
    await this.#postgres.ended;
    clearInterval(awake);
    await this.#postgres.stop();
  }

  async stop() {
    await this.#postgres?.stop();
  }
}

/** @returns {number[]} */
function childrenOf(parent) {
  if (!existsSync('/proc/self/stat')) return childrenFromPs(parent);
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name) && parentFromProc(name) === parent)
    .map(Number);
}

function parentFromProc(pid) {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // The second field, the name, may hold spaces and parentheses: count from its end.
    return Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
  } catch {
    return undefined; // It has ended meanwhile.
  }
}

function childrenFromPs(parent) {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], { encoding: 'utf8' }).trim().split('\n');
  return lines
    .map((line) => line.trim().split(/\s+/).map(Number))
    .filter(([, of]) => of === parent)
    .map(([pid]) => pid);
}
