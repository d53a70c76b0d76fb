import type { EachBatchPayload, Kafka, KafkaMessage } from 'kafkajs';
import { KafkaJSError } from 'kafkajs';
import type { Pool, PoolClient } from 'pg';
import type { CloudEvent } from '../contracts/public-message';
import { databaseFault } from './database-fault';
import type { Place } from './errors';
import { HandlingFailed, NotACloudEvent, Passing } from './errors';
import type { Assignment, Member, Membership } from './membership';
import type { Mark, OffsetTable } from './offset-table';
import type { ConsumerOptions } from './options';
import { readEvent } from './read-event';
import { checkExtent, extentsOf } from './starting-points';

interface Settings extends ConsumerOptions {
  readonly handle: (event: CloudEvent, client: PoolClient, place: Place) => Promise<void>;
  readonly eventsPerTransaction?: number;
}

/** What a member knows since it was given its partitions. */
interface Turn {
  readonly membership: Membership;
  /** Settles when each partition is to be read from where the database says. */
  readonly ready: Promise<void>;
  readonly claims: Map<string, Mark>;
}

interface Event {
  readonly event: CloudEvent;
  readonly place: Place;
}

/** Writes what follows from events together with how far they were read. */
export class ExactlyOnce implements Member {
  readonly autoCommit = false;
  private turn: Turn | undefined;

  constructor(
    private readonly pool: Pool,
    private readonly kafka: Kafka,
    private readonly offsets: OffsetTable,
    private readonly settings: Settings,
  ) {}

  joined(assignment: Assignment, membership: Membership): void {
    const ready = this.begin(assignment, membership);
    ready.catch((error: unknown) => {
      membership.end(error instanceof Error ? error : new Passing(error));
    });
    this.turn = { membership, ready, claims: new Map() };
  }

  async batch(payload: EachBatchPayload): Promise<void> {
    const { turn } = this;
    if (!turn) return;
    await turn.ready;
    const { batch } = payload;
    // The first batch was asked for before it was known where to begin.
    if (!payload.isRunning() || payload.isStale()) return;
    const { topic, partition } = batch;
    const key = `${topic} ${partition}`;
    const claim = turn.claims.get(key) ?? (await this.claim(payload));
    if (!claim) return this.beginAnew(turn, topic, partition);
    turn.claims.set(key, claim);

    const first = BigInt(batch.firstOffset() ?? claim.next);
    if (first > claim.next) await this.refuseGap(topic, partition, claim.next);
    const size = this.settings.eventsPerTransaction ?? 200;
    const last = BigInt(batch.lastOffset());
    let { next } = claim;
    for (let start = 0; start < batch.messages.length; start += size) {
      if (!payload.isRunning() || payload.isStale()) return;
      const part = batch.messages.slice(start, start + size);
      const offset = BigInt(part.at(-1)?.offset ?? last);
      const isLast = start + size >= batch.messages.length;
      // What follows the last message is of no interest to anybody: ends of transactions, and aborted ones.
      const until = (isLast ? last : offset) + 1n;
      if (until > next) {
        const isDone = await this.write(topic, partition, { next, epoch: claim.epoch }, part, until, () =>
          payload.heartbeat(),
        );
        if (!isDone) return this.beginAnew(turn, topic, partition);
        next = until;
        turn.claims.set(key, { next, epoch: claim.epoch });
      }
      payload.resolveOffset(String(offset));
      await payload.heartbeat();
    }
    // For those who look at the group's lag in Kafka; and Kafka refuses it to who is no member any more.
    await payload.commitOffsetsIfNecessary(offsetsOf(topic, partition, next));
  }

  /** Every partition is read from where the database says, whatever Kafka knows of the group. */
  private async begin(assignment: Assignment, membership: Membership): Promise<void> {
    try {
      for (const extent of await extentsOf(this.kafka, assignment)) {
        const { topic, partition, oldest, end } = extent;
        const first = this.settings.from === 'now' ? end : oldest;
        const { next } = await this.offsets.begin(this.pool, topic, partition, first);
        checkExtent(extent, next);
        membership.seek(topic, partition, next);
      }
    } catch (error) {
      throw databaseFault(error);
    }
  }

  /** Shut out by another member, or the row was deleted by a person: whose turn it is turns out with the next claim. */
  private async beginAnew(turn: Turn, topic: string, partition: number): Promise<void> {
    turn.claims.delete(`${topic} ${partition}`);
    await this.begin({ [topic]: [partition] }, turn.membership);
  }

  /**
   * Shuts out former owners, then asks Kafka whether this member is the present one: it takes offsets from no other. In
   * this order whoever writes was the owner after its claim, and who claims later has waited for what it wrote.
   */
  private async claim(payload: EachBatchPayload): Promise<Mark | undefined> {
    const { topic, partition } = payload.batch;
    const patience = (this.settings.sessionMilliseconds ?? 30_000) / 3;
    const mark = await this.withClient((client) => this.offsets.claim(client, topic, partition, patience));
    if (mark) await payload.commitOffsetsIfNecessary(offsetsOf(topic, partition, mark.next));
    return mark;
  }

  /**
   * Writes what follows from these messages and that they were read, or nothing of it.
   * @returns false where the partition is no longer this member's
   */
  private async write(
    topic: string,
    partition: number,
    claim: Mark,
    messages: readonly KafkaMessage[],
    until: bigint,
    heartbeat: () => Promise<void>,
  ): Promise<boolean> {
    const { events, next, fault } = this.read(topic, partition, claim.next, messages, until);
    if (next > claim.next) {
      const isDone = await this.withClient(async (client) => {
        await client.query('begin');
        // A member that hangs in a transaction must not keep the next one from working for ever.
        const silence = this.settings.sessionMilliseconds ?? 30_000;
        await client.query(`set local idle_in_transaction_session_timeout = ${silence}`);
        const mark = await this.offsets.lock(client, topic, partition);
        if (mark?.epoch !== claim.epoch || mark.next !== claim.next) {
          await client.query('rollback');
          return false;
        }
        for (const { event, place } of events) {
          await this.handle(event, client, place);
          await heartbeat();
        }
        if (!(await this.offsets.advance(client, topic, partition, next, mark.transaction)))
          throw new Error(
            'The handler has ended the transaction that it was given; it must leave that to us.',
          );
        await client.query('commit');
        return true;
      });
      if (!isDone) return false;
    }
    if (fault) throw fault;
    return true;
  }

  /** What is to be done of these messages: all that comes before one that is no event. */
  private read(
    topic: string,
    partition: number,
    from: bigint,
    messages: readonly KafkaMessage[],
    until: bigint,
  ): { readonly events: readonly Event[]; readonly next: bigint; readonly fault?: NotACloudEvent } {
    const events: Event[] = [];
    for (const message of messages) {
      if (BigInt(message.offset) < from) continue;
      const place = { topic, partition, offset: message.offset };
      try {
        const event = readEvent(message, place, this.settings.unreadable);
        if (event) events.push({ event, place });
      } catch (error) {
        if (!(error instanceof NotACloudEvent)) throw error;
        return { events, next: BigInt(message.offset), fault: error };
      }
    }
    return { events, next: until };
  }

  private async handle(event: CloudEvent, client: PoolClient, place: Place): Promise<void> {
    try {
      await this.settings.handle(event, client, place);
    } catch (error) {
      const fault = databaseFault(error);
      throw fault instanceof Passing ? fault : new HandlingFailed(place, event.id, event.type, error);
    }
  }

  /** Offsets may be left out by transactions, but not by the deletion of what nobody has read. */
  private async refuseGap(topic: string, partition: number, next: bigint): Promise<void> {
    for (const extent of await extentsOf(this.kafka, { [topic]: [partition] })) checkExtent(extent, next);
  }

  private async withClient<R>(work: (client: PoolClient) => Promise<R>): Promise<R> {
    let client: PoolClient;
    try {
      client = await this.pool.connect();
    } catch (error) {
      throw databaseFault(error);
    }
    // A connection that breaks between two statements says so by an event; the next statement fails by itself.
    client.on('error', ignore);
    try {
      const result = await work(client);
      client.off('error', ignore);
      client.release();
      return result;
    } catch (error) {
      await this.giveBack(client);
      throw error instanceof KafkaJSError ? error : databaseFault(error);
    }
  }

  /** A connection whose transaction cannot be undone is of no use; PostgreSQL undoes it when it is closed. */
  private async giveBack(client: PoolClient): Promise<void> {
    const isClean = await client.query('rollback').then(
      () => true,
      () => false,
    );
    if (isClean) client.off('error', ignore);
    client.release(!isClean);
  }
}

const ignore = (): void => undefined;

const offsetsOf = (topic: string, partition: number, next: bigint) => ({
  topics: [{ topic, partitions: [{ partition, offset: String(next) }] }],
});
