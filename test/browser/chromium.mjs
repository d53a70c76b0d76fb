import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const PATIENCE_MS = 30_000;

/** The browser of this machine, or of the variable CHROMIUM; undefined where there is none. */
export function findChromium() {
  const folders = (process.env.PATH ?? '').split(delimiter).filter((folder) => folder !== '');
  const places = folders.flatMap((folder) => NAMES.map((name) => join(folder, name)));
  return [process.env.CHROMIUM, ...places].find((place) => place !== undefined && existsSync(place));
}

/** A browser without a window, spoken to over pipes: it opens no port and leaves nothing behind. */
export class Chromium {
  #child;
  #profile = mkdtempSync(join(tmpdir(), 'guanxi-browser-'));
  #calls = new Map();
  #listeners = [];
  #last = 0;
  #held = '';
  #ended;

  constructor(executable) {
    const options = [
      '--headless',
      '--no-sandbox',
      '--disable-gpu',
      '--no-first-run',
      '--remote-debugging-pipe',
    ];
    this.#child = spawn(executable, [...options, `--user-data-dir=${this.#profile}`], {
      stdio: ['ignore', 'ignore', 'ignore', 'pipe', 'pipe'],
    });
    this.#ended = new Promise((resolve) => {
      const end = () => {
        for (const { reject } of this.#calls.values()) reject(new Error('the browser has ended'));
        resolve();
      };
      this.#child.once('exit', end).once('error', end);
    });
    this.#child.stdio[3].on('error', () => undefined);
    this.#child.stdio[4].setEncoding('utf8').on('data', (text) => this.#take(text));
  }

  /** Calls a method of the DevTools protocol. */
  send(method, params = {}, sessionId = undefined) {
    const id = (this.#last += 1);
    return new Promise((resolve, reject) => {
      const timer = setTimeout(() => reject(new Error(`${method}: no answer`)), PATIENCE_MS);
      const settled = (settle) => (value) => {
        clearTimeout(timer);
        this.#calls.delete(id);
        settle(value);
      };
      this.#calls.set(id, { resolve: settled(resolve), reject: settled(reject) });
      this.#child.stdio[3].write(`${JSON.stringify({ id, method, params, sessionId })}\0`);
    });
  }

  onEvent(listener) {
    this.#listeners.push(listener);
  }

  async close() {
    this.#child.kill('SIGKILL');
    await this.#ended;
    rmSync(this.#profile, { recursive: true, force: true, maxRetries: 10 });
  }

  #take(text) {
    const messages = (this.#held + text).split('\0');
    this.#held = messages.pop() ?? '';
    for (const message of messages.map((each) => JSON.parse(each))) {
      const call = this.#calls.get(message.id);
      if (call === undefined) for (const listener of this.#listeners) listener(message);
      else if (message.error) call.reject(new Error(message.error.message));
      else call.resolve(message.result);
    }
  }
}
