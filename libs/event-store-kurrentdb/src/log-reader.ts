import type { Filter } from '@kurrent/kurrentdb-client';
import { BACKWARDS, END, FORWARDS, START, StreamNotFoundError } from '@kurrent/kurrentdb-client';
import type { Connection } from './connection';
import { failureOf, finalError } from './failures';
import { serverFilter } from './filters';
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
  readonly filter?: Filter;
}

const ATTEMPTS = 3;

/**
 * Reads of one page each. The client's reads go over a native connection of their own, which knows no deadline and
 * keeps what failed: each page is bounded in time here, and asked for again on a new client where that may help.
 * They ask for the leader, as only the leader is certain to have what was just written.
 */
export class LogReader {
  constructor(private readonly connection: Connection) {}

  /**
   * Events of one stream that this store wrote, by revision; none if there is no such stream.
   * @throws DomainError `event-store.unavailable`, `event-store.access-denied`
   */
  async stream(
    stream: string,
    { from, backwards = false, limit }: StreamPart,
  ): Promise<readonly KurrentRecord[]> {
    const found = await this.read((client, common) =>
      client.readStream(stream, {
        ...common,
        direction: backwards ? BACKWARDS : FORWARDS,
        fromRevision: from === undefined ? (backwards ? END : START) : BigInt(from),
        maxCount: limit,
      }),
    );
    return found.flatMap(({ record }) => record ?? []);
  }

  /**
   * A page of the log; a page shorter than `limit` ends where the log does.
   * @throws DomainError `event-store.unavailable`, `event-store.access-denied`
   */
  log({
    from,
    backwards = false,
    limit,
    filter = serverFilter(undefined),
  }: LogPart): Promise<readonly Found[]> {
    return this.read((client, common) =>
      client.readAll({
        ...common,
        direction: backwards ? BACKWARDS : FORWARDS,
        fromPosition: from === undefined ? (backwards ? END : START) : { commit: from, prepare: from },
        maxCount: limit,
        filter,
      }),
    );
  }

  private async read(
    begin: (
      client: Connection['client'],
      common: CommonOptions,
    ) => AsyncIterable<Parameters<typeof toFound>[0]>,
  ): Promise<readonly Found[]> {
    const { credentials } = this.connection.settings;
    const common = { requiresLeader: true, ...(credentials && { credentials }) };
    for (let attempt = 1; ; attempt += 1) {
      const { client } = this.connection;
      try {
        return await this.connection.call(() => collect(begin(client, common)));
      } catch (error) {
        if (error instanceof StreamNotFoundError) return [];
        const failure = failureOf(error);
        if (failure.kind === 'conflict') throw error;
        if (failure.kind !== 'refused') this.connection.renew(client);
        // A server that keeps silent is not waited for twice.
        const hopeless = failure.kind === 'refused' || failure.kind === 'unsupported' || isLate(error);
        if (hopeless || attempt === ATTEMPTS) throw finalError(failure);
      }
    }
  }
}

interface CommonOptions {
  readonly requiresLeader: boolean;
  readonly credentials?: { readonly username: string; readonly password: string };
}

const isLate = (error: unknown): boolean => error instanceof Error && error.name === 'NoAnswer';

async function collect(events: AsyncIterable<Parameters<typeof toFound>[0]>): Promise<readonly Found[]> {
  const found: Found[] = [];
  for await (const event of events) found.push(toFound(event));
  return found;
}
