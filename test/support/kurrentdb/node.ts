import type { Metadata, ServerWritableStream } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import type {
  ReadReq,
  ReadResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import type { GrpcError } from './faults';
import { Faults, errorOf, grpcError } from './faults';
import { TransactionLog } from './log';

/** What the services of one test server share. */
export class Node {
  readonly log: TransactionLog;
  readonly faults = new Faults();
  /** Calls that appended or tried to, in order. */
  readonly appends: ('batch' | 'unary' | 'session' | 'records')[] = [];
  /** Reads and subscriptions that began, in order. */
  readonly reads: ('stream' | 'all' | 'subscription')[] = [];
  readonly subscriptions = new Set<ServerWritableStream<ReadReq, ReadResp>>();
  /** True: reads are taken and never answered. */
  silent = false;
  /** The port of the leader, once this node is a follower: it refuses what asks for the leader. */
  leaderElsewhere: number | undefined;
  /** Events written to subscribers, whether they have taken them or not. */
  sent = 0;

  constructor(
    log: TransactionLog | undefined,
    private readonly users: Readonly<Record<string, string>> | undefined,
  ) {
    this.log = log ?? new TransactionLog();
  }

  /** The refusal of a call that is not for this node, or of a caller who is not known. */
  denied(metadata: Metadata): GrpcError | undefined {
    const port = this.leaderElsewhere;
    if (port !== undefined && metadata.get('requires-leader').length > 0) {
      return errorOf({ kind: 'not-leader', port });
    }
    if (!this.users) return undefined;
    const [header] = metadata.get('authorization');
    const basic = /^Basic (.+)$/.exec(String(header ?? ''))?.[1] ?? '';
    const [user = '', ...password] = Buffer.from(basic, 'base64').toString('utf8').split(':');
    if (user !== '' && this.users[user] === password.join(':')) return undefined;
    return grpcError(status.UNAUTHENTICATED, 'Unauthenticated');
  }
}
