import { setTimeout as pause } from 'node:timers/promises';
import { DomainError, plusMilliseconds } from '@guanxi/kernel';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import type { EventStore } from '@guanxi/event-store';
import type { Pool, PoolClient } from 'pg';
import type { Moment } from './moment';
import { movementsAt, rowsAt, streamsAt } from './moment';
import type { AnyReadModel } from './read-model';
import { readTypes } from './row-codec';
import type { Serving } from './serving';
import { readServing } from './serving';

/** What every query may ask beside its own parameters. */
export interface Asked {
  readonly asOf?: Instant;
  readonly asKnownAt?: Instant;
  /** Wait until the tables hold this position (read your own write). */
  readonly minPosition?: bigint;
}

/** What every answer says about itself. */
export interface SpeaksFor {
  /** The moment whose truth it tells. */
  readonly asOf: Instant;
  /** The moment whose knowledge it rests on. */
  readonly asKnownAt: Instant;
  /** Position in the log up to which events are counted in; decimal string. */
  readonly position: string;
  readonly policyVersion: number;
}

/** Tables at one moment, in one consistent snapshot of the database. */
export interface Snapshot {
  readonly moment: Moment;
  /** The moment whose truth is told, also when it is now: what ages and overdue dates are measured against. */
  readonly asOf: Instant;
  /** Runs a query; `$1` … stand for the parameters. */
  rows<Row>(sql: string, parameters?: readonly unknown[]): Promise<readonly Row[]>;
  /** Up to which position the tables of a model are complete. */
  reached(model: AnyReadModel): bigint;
  /** SQL of a model's rows at the moment, or at another `asOf` with the same knowledge. */
  of(model: AnyReadModel, asOf?: Instant): string;
  /** SQL of a model's movements known and effective at the moment. */
  movementsOf(model: AnyReadModel): string;
  /** SQL of the streams (`id`, `stream`) that, as far as is known, speak about a model's keys. */
  streamsOf(model: AnyReadModel): string;
  /** The same snapshot with the same knowledge, telling the truth of another moment. */
  at(asOf: Instant): Snapshot;
}

/** No policy has been changed yet: the built-in defaults are in force. */
export const DEFAULT_POLICY_VERSION = 0;

const WAIT_MILLISECONDS = 5_000;
const LOOK_AGAIN_MILLISECONDS = 10;

/** Answers questions from read models' tables, as of any moment on both time axes. */
export class Queries {
  /**
   * @param clock the moment that counts as now
   * @param waitMilliseconds how long a query waits for the position that it asks for
   */
  constructor(
    private readonly pool: Pool,
    private readonly store: EventStore,
    private readonly clock: () => Instant,
    private readonly waitMilliseconds = WAIT_MILLISECONDS,
  ) {}

  /**
   * Reads in one snapshot and says for which moment the answer speaks.
   * @throws DomainError `query.behind` when `minPosition` is not reached in time; kind `overloaded`
   */
  async answer<T extends object>(
    models: readonly AnyReadModel[],
    asked: Asked,
    read: (snapshot: Snapshot) => Promise<T>,
  ): Promise<SpeaksFor & T> {
    if (asked.minPosition !== undefined) await this.waitFor(models, asked.minPosition);
    const knownAt = asked.asKnownAt === undefined ? null : await this.store.positionAt(asked.asKnownAt);
    const client = await this.pool.connect();
    let broken = true;
    try {
      await client.query('begin isolation level repeatable read read only');
      const serving = await readServing(client);
      // Not before the snapshot is taken: what it holds was known by then.
      const now = this.clock();
      const { lowest, highest } = serving.reached(models);
      const complete = lowest === highest;
      const known =
        knownAt !== null && knownAt < lowest
          ? knownAt
          : complete
            ? null
            : await this.tellable(lowest, asked.minPosition);
      const moment: Moment = { asOf: asked.asOf ?? null, known };
      const speaksFor: SpeaksFor = {
        asOf: asked.asOf ?? now,
        asKnownAt: asked.asKnownAt ?? now,
        position: String(known ?? lowest),
        policyVersion: DEFAULT_POLICY_VERSION,
      };
      const body = await read(new PostgresSnapshot(client, serving, moment, speaksFor.asOf));
      await client.query('commit');
      broken = false;
      return { ...speaksFor, ...body };
    } finally {
      client.release(broken);
    }
  }

  /**
   * The last position up to which models that stand at different ones can be told together. Rows do not tell apart what
   * was recorded in one millisecond: there is no standing between two events of one.
   * @throws DomainError `query.behind` when the caller asked for what cannot be told yet
   */
  private async tellable(lowest: bigint, minPosition = 0n): Promise<bigint> {
    const [last, next] = await this.eventsFrom(lowest);
    if (last === undefined || last.recordedAt !== next?.recordedAt) return lowest;
    const told = await this.store.positionAt(plusMilliseconds(last.recordedAt, -1));
    if (told < minPosition) throw behind(told, minPosition);
    return told;
  }

  /** The event at a position, and the next one. */
  private async eventsFrom(position: bigint): Promise<readonly RecordedEvent[]> {
    const found: RecordedEvent[] = [];
    if (position === 0n) return found;
    for await (const page of this.store.readAll({ after: position - 1n, pageSize: 2 })) {
      found.push(...page);
      if (found.length > 1) break;
    }
    return found;
  }

  /**
   * Waits until every model's tables hold `position`.
   * @throws DomainError `query.behind`
   */
  async waitFor(models: readonly AnyReadModel[], position: bigint): Promise<void> {
    const deadline = performance.now() + this.waitMilliseconds;
    for (;;) {
      const { lowest } = (await readServing(this.pool)).reached(models);
      if (lowest >= position) return;
      if (performance.now() > deadline) {
        throw behind(lowest, position);
      }
      await pause(LOOK_AGAIN_MILLISECONDS);
    }
  }
}

const behind = (reached: bigint, wanted: bigint): DomainError =>
  new DomainError(
    'query.behind',
    'overloaded',
    `read models have reached position ${reached}, not yet ${wanted}, which was asked for`,
    { position: String(reached), lag: String(wanted - reached) },
  );

class PostgresSnapshot implements Snapshot {
  constructor(
    private readonly client: PoolClient,
    private readonly serving: Serving,
    readonly moment: Moment,
    readonly asOf: Instant,
  ) {}

  async rows<Row>(sql: string, parameters: readonly unknown[] = []): Promise<readonly Row[]> {
    const { rows } = await this.client.query<Row & object>({
      text: sql,
      values: [...parameters],
      types: readTypes,
    });
    return rows;
  }

  reached(model: AnyReadModel): bigint {
    return this.serving.reached([model]).lowest;
  }

  of(model: AnyReadModel, asOf?: Instant): string {
    return rowsAt(this.serving.placed(model), asOf === undefined ? this.moment : { ...this.moment, asOf });
  }

  movementsOf(model: AnyReadModel): string {
    return movementsAt(this.serving.placed(model), this.moment);
  }

  streamsOf(model: AnyReadModel): string {
    return streamsAt(this.serving.placed(model), this.moment);
  }

  at(asOf: Instant): Snapshot {
    return new PostgresSnapshot(this.client, this.serving, { ...this.moment, asOf }, asOf);
  }
}
