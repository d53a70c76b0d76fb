import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync } from 'node:fs';
import { createRequire } from 'node:module';
import { fileURLToPath } from 'node:url';
import { addressOf, startBroker, stopBroker } from '../../infra/kafka/broker.mjs';

const { Kafka, logLevel } = createRequire(import.meta.url)('kafkajs');
const GUARD = fileURLToPath(new URL('broker-guard.mjs', import.meta.url));

/** A Kafka broker of a run's own, which can be killed and started again on its port and its data. */
export class Broker {
  #dir;
  #port = 0;
  #guard;

  /** @param {string} dir */
  constructor(dir) {
    this.#dir = dir;
  }

  /** @throws SetUpError where Java or Maven is absent, with what to do */
  async start() {
    mkdirSync(this.#dir, { recursive: true });
    // Nothing else ends a broker whose run was killed.
    this.#guard ??= spawn(process.execPath, [GUARD, this.#dir], {
      stdio: ['pipe', 'ignore', 'inherit'],
      detached: true,
    });
    const { running } = await startBroker({ dir: this.#dir, port: this.#port });
    this.#port = running.port;
  }

  get address() {
    return addressOf({ port: this.#port });
  }

  /** A client that is quiet and gives up after some seconds. */
  client() {
    const retry = { initialRetryTime: 50, maxRetryTime: 500, retries: 20 };
    return new Kafka({ clientId: 'chaos', brokers: [this.address], logLevel: logLevel.NOTHING, retry });
  }

  /** As a crash does. */
  async kill() {
    await stopBroker(this.#dir, { now: true });
  }

  async restart() {
    await stopBroker(this.#dir);
    await this.start();
  }

  /** Ends it for good. */
  async end() {
    if (this.#guard === undefined) return;
    const ended = once(this.#guard, 'exit');
    this.#guard.stdin.end();
    if (this.#guard.exitCode === null) await ended;
  }
}
