import { StreamNotFoundError } from '@kurrent/kurrentdb-client';
import type { Connection } from './connection';
import { settled } from './connection';
import { failureOf, finalError, spoils } from './failures';
import type { Expression } from './filters';
import { expressionOf } from './filters';
import type { Read } from './read-call-codec';
import { readCall } from './read-call-codec';
import type { Found, KurrentRecord } from './record-codec';
import { toFound } from './record-codec';

interface StreamPart {
  readonly from?: number;
  readonly backwards?: boolean;
  readonly limit: number;
}

/** Where to read the log: from a position on (with it forwards, without it backwards), or from an end. */
interface LogPart {
  readonly from?: bigint;
  readonly backwards?: boolean;
  readonly limit: number;
  /** Default: everything but system events. */
  readonly filter?: Expression;
}

const ATTEMPTS = 3;

/**
 * Reads of one page each, from the leader, as only the leader is certain to have what was just written. Each is bounded
 * in time, and asked again where a new client may help: a read can be repeated without harm.
 */
export class LogReader {
  constructor(private readonly connection: Connection) {}

  /**
   * Events of one stream that this store wrote, by revision; none if there is no such stream.
   * @throws DomainError `event-store.unavailable`, `event-store.access-denied`
   */
  async stream(stream: string, part: StreamPart): Promise<readonly KurrentRecord[]> {
    const found = await this.page(stream, part);
    return found.flatMap(({ record }) => record ?? []);
  }

  /** As `stream`, with the places of what others wrote; shorter than `limit` where the stream ends. */
  page(stream: string, { from, backwards = false, limit }: StreamPart): Promise<readonly Found[]> {
    return this.read({ stream, backwards, limit, ...(from !== undefined && { from }) });
  }

  /**
   * A page of the log; a page shorter than `limit` ends where the log does.
   * @throws DomainError `event-store.unavailable`, `event-store.access-denied`
   */
  log({ from, backwards = false, limit, filter = expressionOf({}) }: LogPart): Promise<readonly Found[]> {
    return this.read({ backwards, limit, filter, ...(from !== undefined && { from }) });
  }

  private async read(read: Read): Promise<readonly Found[]> {
    const { deadline } = this.connection.settings;
    for (let attempt = 1; ; attempt += 1) {
      const { client } = this.connection;
      try {
        const events = await this.connection.call((current) => readCall(current, read, deadline));
        return events.map(toFound);
      } catch (error) {
        if (error instanceof StreamNotFoundError) return [];
        const failure = failureOf(error);
        if (failure.kind === 'conflict') throw error;
        if (spoils(failure)) this.connection.renew(client);
        // A server that keeps silent is not waited for twice.
        const mayHelp = failure.kind !== 'refused' && failure.kind !== 'silent';
        if (!mayHelp || attempt === ATTEMPTS) throw finalError(failure);
        await settled();
      }
    }
  }
}
