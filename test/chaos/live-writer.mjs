import { setTimeout as delay } from 'node:timers/promises';
import { simulate } from './projections-product.mjs';
import { KEY } from './worker-processes.mjs';

const LINES = 20;
const PAUSE_MS = 100;
const REQUEST_MS = 15_000;
/** Answers that say nothing about the command: too many, not now, not yet. */
const PASSING = new Set([429, 500, 503, 504]);

/**
 * Sends commands to the product, a few at a time, until told to stop. What was not answered is sent again under the same
 * key: whatever is killed meanwhile, each command is carried out once.
 */
export class CommandWriter {
  commands = 0;
  interruptions = 0;
  refused = [];
  #stopping = false;
  #done;

  /** @param {Iterator<object>} lines commands @param {() => string} url of the server, which may change */
  constructor(lines, url) {
    this.#done = this.#write(lines, url);
    // Whoever stops it hears of its failure.
    this.#done.catch(() => undefined);
  }

  /** Has it end when what it sent is answered. @throws what ended it before */
  async stop() {
    this.#stopping = true;
    await this.#done;
  }

  async #write(lines, url) {
    while (!this.#stopping) {
      const some = [];
      for (let line = lines.next(); !line.done; line = lines.next()) {
        some.push(line.value);
        if (some.length === LINES) break;
      }
      if (some.length === 0) return;
      await this.#send(url, some);
      await delay(PAUSE_MS);
    }
  }

  async #send(url, lines) {
    let left = lines;
    while (left.length > 0) {
      try {
        const answers = new Map((await post(url(), left)).map((answer) => [answer.key, answer]));
        const isOpen = ({ key }) => !answers.has(key) || PASSING.has(answers.get(key).problem?.status);
        // What follows one that has to be sent again may rest on it, and an answered one does no harm a second time.
        const open = left.findIndex(isOpen);
        const done = open < 0 ? left : left.slice(0, open);
        for (const { key } of done) {
          const { problem } = answers.get(key);
          if (problem) this.refused.push(`${problem.code}: ${problem.detail}`);
        }
        this.commands += done.length;
        left = left.slice(done.length);
        if (left.length === 0) return;
      } catch (error) {
        if (!(error instanceof TypeError || error.name === 'TimeoutError' || error.name === 'SyntaxError'))
          throw error;
      }
      this.interruptions += 1;
      await delay(100);
    }
  }
}

/** Sends the life of an invented company. */
export class LiveWriter extends CommandWriter {
  /** @param {string} seed @param {() => string} url */
  constructor(seed, url) {
    super(simulate({ seed, years: 20, until: Date.UTC(2026, 0, 1) }), url);
  }
}

async function post(url, lines) {
  const response = await fetch(`${url}/v1/commands`, {
    method: 'POST',
    headers: { authorization: `Bearer ${KEY}`, 'content-type': 'application/x-ndjson' },
    body: lines.map((line) => `${JSON.stringify(line)}\n`).join(''),
    signal: AbortSignal.timeout(REQUEST_MS),
  });
  const text = await response.text();
  if (!response.ok) return [];
  return text
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line));
}
