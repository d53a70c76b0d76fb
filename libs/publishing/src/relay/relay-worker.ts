import { hostname } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';
import { keepOn } from '@guanxi/projections';
import type { Pool, PoolClient } from 'pg';
import type { RelayParts, RelayStatus } from './relay';
import { Relay } from './relay';
import { exchange } from './relay-book';
import { RelayRight, assertRight } from './relay-right';

const LOOK_AGAIN_MILLISECONDS = 1_000;
const EXCHANGE_MILLISECONDS = 1_000;
/** After being fenced or refused: doubles up to the longest while it stays so. */
const STAND_BY_MILLISECONDS = 5_000;
const LONGEST_STAND_BY_MILLISECONDS = 60_000;
/** So long others wait for a sign of the one that relays before they end its session. */
const PATIENCE_MILLISECONDS = 8_000;

/** What a worker that relays works with. */
export interface RelayWorkerParts extends RelayParts {
  readonly pool: Pool;
  /** Milliseconds to stand by after being fenced or refused. */
  readonly standByMilliseconds?: number;
  /** Milliseconds to wait for a sign of another worker that relays. */
  readonly patienceMilliseconds?: number;
}

/**
 * Relays while it holds the right to: of all workers on a database one does, and another goes on when that one is gone or
 * stands still. The right is a lock of a database session; who has lost it without noticing is fenced where the messages are.
 */
export class RelayWorker {
  private readonly stopping = new AbortController();
  private readonly holder = `${hostname()}:${process.pid}`;
  private relay: Relay | undefined;
  private working: Promise<void> | undefined;
  private standBys = 0;

  constructor(private readonly parts: RelayWorkerParts) {}

  /** How the relay of this process stands; undefined while another process relays. */
  get status(): RelayStatus | undefined {
    return this.relay?.status;
  }

  /** Starts to work in the background. */
  start(): void {
    this.working = keepOn(() => this.turn(), {
      name: 'the relay',
      signal: this.stopping.signal,
      restMilliseconds: LOOK_AGAIN_MILLISECONDS,
      warn: (message) => {
        this.parts.log.warn(message);
      },
    });
  }

  /** Ends the transaction at hand, keeps how far it has come, and gives the right to relay back. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await this.working;
  }

  /** Waits for the right to relay, and relays until it ends. */
  private async turn(): Promise<void> {
    const client = await this.parts.pool.connect();
    let isBroken = true;
    try {
      const { log, patienceMilliseconds = PATIENCE_MILLISECONDS } = this.parts;
      const times = { lookMilliseconds: LOOK_AGAIN_MILLISECONDS, patienceMilliseconds };
      const right = new RelayRight(client, times, log);
      const session = await this.untilTaken(right);
      if (session !== undefined) await this.hold(client, session);
      await right.giveBack();
      isBroken = false;
    } finally {
      // A session that may still hold the lock must end.
      client.release(isBroken);
    }
  }

  private async untilTaken(right: RelayRight): Promise<number | undefined> {
    const { signal } = this.stopping;
    while (!signal.aborted) {
      const session = await right.take();
      if (session !== undefined) return session;
      await pause(LOOK_AGAIN_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
    return undefined;
  }

  /** Relays, and shows how it stands, for as long as the session lives. */
  private async hold(client: PoolClient, session: number): Promise<void> {
    const { pool, publisher } = this.parts;
    const relay = new Relay({
      ...this.parts,
      publisher: {
        open: async (topics, signal) => {
          await assertRight(pool, session);
          return publisher.open(topics, signal);
        },
      },
    });
    this.relay = relay;
    const leaving = new AbortController();
    const showing = new AbortController();
    const leave = (): void => {
      leaving.abort();
    };
    this.stopping.signal.addEventListener('abort', leave, { once: true });
    if (this.stopping.signal.aborted) leave();
    const showingEnds = this.show(client, relay, showing.signal).finally(leave);
    // Heard below; until then nobody else would hear it.
    showingEnds.catch(() => undefined);
    try {
      await this.relayOn(relay, leaving.signal);
    } finally {
      this.stopping.signal.removeEventListener('abort', leave);
      showing.abort();
      this.relay = undefined;
      await showingEnds;
    }
  }

  /** Relays until it is to leave; where it was fenced or refused it stands by for a while. */
  private async relayOn(relay: Relay, signal: AbortSignal): Promise<void> {
    const { log, standByMilliseconds = STAND_BY_MILLISECONDS } = this.parts;
    let told: string | undefined;
    while (!signal.aborted) {
      const begun = performance.now();
      const end = await relay.run(signal);
      if (!('reason' in end)) return;
      if (performance.now() - begun > LONGEST_STAND_BY_MILLISECONDS) this.standBys = 0;
      if (end.reason !== told) log.warn(`publishing has stopped: ${end.reason}`);
      told = end.reason;
      const wait = Math.min(LONGEST_STAND_BY_MILLISECONDS, standByMilliseconds * 2 ** this.standBys);
      this.standBys += 1;
      await pause(wait, undefined, { signal }).catch(() => undefined);
    }
  }

  /** @throws when the session is gone, and the right to relay with it */
  private async show(client: PoolClient, relay: Relay, signal: AbortSignal): Promise<void> {
    const about = { holder: this.holder, since: new Date() };
    while (!signal.aborted) {
      relay.retry(await exchange(client, relay.status, about));
      await pause(EXCHANGE_MILLISECONDS, undefined, { signal }).catch(() => undefined);
    }
    await exchange(client, relay.status, about);
  }
}
