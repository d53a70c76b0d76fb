import { Server, ServerCredentials, status } from '@grpc/grpc-js';
import type { sendUnaryData } from '@grpc/grpc-js';
import { GossipService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_grpc_pb';
import {
  ClusterInfo,
  EndPoint,
  MemberInfo,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/gossip_pb';
import { ServerFeaturesService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_grpc_pb';
import {
  SupportedMethod,
  SupportedMethods,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/serverfeatures_pb';
import { UUID } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb';
import { StreamsService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb';
import { StreamsServiceService } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_grpc_pb';
import { append, batchAppend } from './append-v1';
import { appendRecords, appendSession } from './append-v2';
import { grpcError } from './faults';
import type { TransactionLog } from './log';
import { Node } from './node';
import { read } from './reading';

/** Versions that differ in what the adapter may ask of them. */
export type Version = '22.10' | '24.10' | '25.1' | '26.1';

export interface TestServerOptions {
  /** Default 26.1. */
  readonly version?: Version;
  /** False: appends go by the older call, one each. */
  readonly batches?: boolean;
  /** A log that is already there, as after a restart or on another node. */
  readonly log?: TransactionLog;
  /** Port to listen on; default any. */
  readonly port?: number;
  /** Names and passwords; default: everybody may do everything. Credentials travel over TLS alone. */
  readonly users?: Readonly<Record<string, string>>;
  readonly tls?: { readonly key: Buffer; readonly certificate: Buffer };
  /** The leader's port, if this is a follower. */
  readonly leaderPort?: () => number;
}

/**
 * A small KurrentDB made from the service definitions that the client ships: appends of both protocols, reads,
 * subscriptions, features and gossip, in memory. It is a test of the adapter's own code, of what it asks and of how it
 * takes each answer; what a real server does is seen only where KURRENTDB_URL names one.
 */
export class TestServer extends Node {
  /** Where it listens. */
  port = 0;

  private constructor(
    private readonly server: Server,
    options: TestServerOptions,
  ) {
    super(options.log, options.users);
  }

  static async start(options: TestServerOptions = {}): Promise<TestServer> {
    const server = new Server({ 'grpc.max_receive_message_length': 64 * 1024 * 1024 });
    const { tls } = options;
    const node = new TestServer(server, options);
    addServices(server, node, options);
    const credentials = tls
      ? ServerCredentials.createSsl(null, [{ private_key: tls.key, cert_chain: tls.certificate }])
      : ServerCredentials.createInsecure();
    node.port = await new Promise<number>((resolve, reject) => {
      server.bindAsync(`127.0.0.1:${options.port ?? 0}`, credentials, (error, bound) => {
        if (error) reject(error);
        else resolve(bound);
      });
    });
    return node;
  }

  /** A connection string to this server. */
  url(options = 'tls=false'): string {
    return `kurrentdb://127.0.0.1:${this.port}?${options}`;
  }

  /** Ends every subscription as a server does that shuts them down: without a word. */
  endSubscriptions(): void {
    for (const call of [...this.subscriptions]) {
      this.subscriptions.delete(call);
      call.end();
    }
  }

  /** Ends at once, with every connection: as a crash, or a cable that is pulled. */
  stop(): void {
    this.server.forceShutdown();
  }
}

function addServices(server: Server, node: TestServer, options: TestServerOptions): void {
  const { version = '26.1', leaderPort: leader } = options;
  server.addService(StreamsService, {
    read: read(node),
    append: append(node),
    batchAppend: batchAppend(node),
    delete: unimplemented,
    tombstone: unimplemented,
  });
  server.addService(StreamsServiceService, {
    appendSession: version >= '25.1' ? appendSession(node) : unimplemented,
    appendRecords: version >= '26.1' ? appendRecords(node) : unimplemented,
  });
  server.addService(ServerFeaturesService, {
    getSupportedMethods: (_: unknown, answer: sendUnaryData<SupportedMethods>) => {
      answer(null, features(options));
    },
  });
  server.addService(GossipService, {
    read: (_: unknown, answer: sendUnaryData<ClusterInfo>) => {
      answer(null, gossip(node.port, leader?.()));
    },
  });
}

const unimplemented = (_: unknown, answer: sendUnaryData<unknown>): void => {
  answer(grpcError(status.UNIMPLEMENTED, 'unknown method'));
};

function features({ version = '26.1', batches = true }: TestServerOptions): SupportedMethods {
  const v1 = 'event_store.client.streams.Streams';
  const v2 = 'kurrentdb.protocol.v2.streams.StreamsService';
  const methods = [
    [v1, 'read'],
    [v1, 'append'],
    ...(batches ? [[v1, 'batchappend']] : []),
    ...(version >= '25.1' ? [[v2, 'appendsession']] : []),
    ...(version >= '26.1' ? [[v2, 'appendrecords']] : []),
  ];
  const supported = new SupportedMethods();
  supported.setEventStoreServerVersion(`${version}.0.0`);
  for (const [service = '', method = ''] of methods) {
    const one = new SupportedMethod();
    one.setServiceName(service);
    one.setMethodName(method);
    supported.addMethods(one);
  }
  return supported;
}

/** The cluster as this node sees it: itself, and the leader where that is another. */
function gossip(own: number, leader: number | undefined): ClusterInfo {
  const { FOLLOWER, LEADER } = MemberInfo.VNodeState;
  const cluster = new ClusterInfo();
  const members: [number, MemberInfo.VNodeState][] = [
    [own, leader === undefined || leader === own ? LEADER : FOLLOWER],
  ];
  if (leader !== undefined && leader !== own) members.push([leader, LEADER]);
  for (const [port, state] of members) {
    const endPoint = new EndPoint();
    endPoint.setAddress('127.0.0.1');
    endPoint.setPort(port);
    const id = new UUID();
    id.setString(crypto.randomUUID());
    const member = new MemberInfo();
    member.setInstanceId(id);
    member.setTimeStamp('0');
    member.setIsAlive(true);
    member.setState(state);
    member.setHttpEndPoint(endPoint);
    cluster.addMembers(member);
  }
  return cluster;
}
