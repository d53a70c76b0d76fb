import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { checkFeed, checkHook, publicOf } from './heard-check.cjs';
import { JournalTail } from './journal.mjs';
import { until } from './worker-processes.mjs';

/** The contracts as they are published: what a team that knows nothing of our code goes by. */
export const { topics, contracts } = JSON.parse(
  readFileSync(new URL('../../docs/contracts/published.json', import.meta.url), 'utf8'),
);
/** A key of which a receiver knew nothing for a while waits 5 s, and what it missed comes one by one. */
const HEARD_MS = 180_000;
const SHOWN = 5;
/** Ports that no system hands out by itself: what is killed finds its own free again. */
const PORTS = { least: 20_000, count: 10_000 };

/** A process that is told of events, and keeps them in a journal. */
class Subscriber {
  #environment;
  #script;
  #tail;
  #child;
  #ended;
  #isKilled = false;
  #ids = new Set();
  /** What it has kept so far, as far as it was looked at. @type {object[]} */
  held = [];
  told = '';

  /** @param {string} name @param {string} script @param {string} dir @param {object} environment */
  constructor(name, script, dir, environment) {
    this.name = name;
    this.#script = fileURLToPath(new URL(script, import.meta.url));
    const path = join(dir, `${name.replaceAll(' ', '-')}.journal`);
    closeSync(openSync(path, 'a'));
    this.#tail = new JournalTail(path);
    this.#environment = { PATH: process.env.PATH, SUBSCRIBER_JOURNAL: path, ...environment };
  }

  start() {
    this.#isKilled = false;
    const child = spawn(process.execPath, [this.#script], {
      env: this.#environment,
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    child.stdin.on('error', () => undefined);
    child.stderr.on('data', (chunk) => (this.told += chunk));
    this.#child = child;
    this.#ended = once(child, 'close');
  }

  async kill() {
    this.#isKilled = true;
    this.#child?.kill('SIGKILL');
    await this.#ended;
  }

  /** Looks at what it has kept since. @throws Error when it ended by itself */
  look() {
    for (const { events } of this.#tail.more()) {
      for (const event of events) {
        this.held.push(event);
        this.#ids.add(event.id);
      }
    }
    if (!this.#isKilled && this.#child?.exitCode !== null)
      throw new Error(`${this.name} ended by itself: ${this.told}`);
  }

  /** Waits until it has all of these. @param {readonly {id: string}[]} events */
  async has(events) {
    let missing = events;
    const isDone = () => {
      this.look();
      missing = missing.filter(({ id }) => !this.#ids.has(id));
      return missing.length === 0;
    };
    try {
      await until(`${this.name} was told of all of ${events.length} events`, isDone, HEARD_MS);
    } catch (error) {
      const some = missing.slice(0, SHOWN).map(({ type, position }) => `${type} at ${position}`);
      throw new Error(`${error.message}; ${missing.length} missing: ${some.join(', ')}`, { cause: error });
    }
  }
}

/** Two readers of the feed, and a receiver of webhooks. */
export class Subscribers {
  #crew;
  /** Up to here all of them were told of everything. */
  #heard = 0n;

  constructor(crew, { stream, lines, receiver }) {
    this.#crew = crew;
    Object.assign(this, { stream, lines, receiver });
  }

  /**
   * Registers the receiver's webhook, and starts all.
   * @param {import('./worker-crew.mjs').WorkerCrew} crew whose server is up
   * @param {string} dir @param {string} key of the product
   */
  static async start(crew, dir, key) {
    const { url } = crew.api;
    const port = await freePort();
    const secret = await register(url, key, `http://127.0.0.1:${port}/hook`);
    const feed = { SUBSCRIBER_URL: url, SUBSCRIBER_KEY: key };
    const all = new Subscribers(crew, {
      stream: new Subscriber('the stream reader', 'stream-reader.mjs', dir, feed),
      lines: new Subscriber('the line reader', 'line-reader.mjs', dir, feed),
      receiver: new Subscriber('the receiver', 'hook-receiver.mjs', dir, {
        ...{ SUBSCRIBER_PORT: String(port), SUBSCRIBER_KEY: secret },
      }),
    });
    for (const each of all.all) each.start();
    return all;
  }

  /** @returns {readonly Subscriber[]} */
  get all() {
    return [this.stream, this.lines, this.receiver];
  }

  /** Waits until all were told of everything up to a position. @param {bigint} head */
  async heard(head) {
    const wanted = await this.#public(this.#heard, head);
    for (const each of this.all) await each.has(wanted);
    this.#heard = head;
  }

  /** Holds what all have kept against the log and the contracts. */
  async check() {
    for (const each of this.all) each.look();
    const wanted = await this.#public(0n, await this.#crew.head());
    const found = {
      [this.stream.name]: checkFeed(wanted, this.stream.held),
      [this.lines.name]: checkFeed(wanted, this.lines.held),
      [this.receiver.name]: checkHook(wanted, this.receiver.held),
    };
    return { public: wanted.length, keys: new Set(wanted.map(({ subject }) => subject)).size, found };
  }

  async end() {
    for (const each of this.all) await each.kill();
  }

  async #public(after, head) {
    const log = await this.#crew.rows(
      `select stream, type, id, revision::integer, position::text, data::text from es.events
        where es.events.position > $1 and es.events.position <= $2 order by es.events.position`,
      [String(after), String(head)],
    );
    return publicOf(log, contracts);
  }
}

/** @returns {Promise<string>} the secret */
async function register(url, key, receiver) {
  const answer = await fetch(`${url}/v1/webhooks`, {
    method: 'POST',
    headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
    body: JSON.stringify({ url: receiver, topics: topics.map(({ name }) => name) }),
  });
  const { secret } = await answer.json();
  if (typeof secret !== 'string') throw new Error(`the webhook was not registered: ${answer.status}`);
  return secret;
}

/** A port that is free, and stays so while nobody listens on it for a moment. */
export async function freePort() {
  for (;;) {
    const port = PORTS.least + Math.floor(Math.random() * PORTS.count);
    const server = createServer().listen(port, '127.0.0.1');
    const isFree = await new Promise((resolve) => {
      server.once('listening', () => resolve(true)).once('error', () => resolve(false));
    });
    if (!isFree) continue;
    server.close();
    await once(server, 'close');
    return port;
  }
}
