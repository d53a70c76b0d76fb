import type { KurrentDBClient, ResolvedEvent } from '@kurrent/kurrentdb-client';
import { StreamNotFoundError, convertToCommandError } from '@kurrent/kurrentdb-client';
import { Empty } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb';
import { StreamsClient } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_grpc_pb';
import type { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import { ReadReq } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import { convertGrpcEvent } from '@kurrent/kurrentdb-client/dist/utils/convertGrpcEvent';
import { createStreamIdentifier } from '@kurrent/kurrentdb-client/dist/utils/grpcStreamIdentifier';
import type { Expression } from './filters';

/** What to read: a stream from a revision, or the log from a position; absent: from the end that fits the direction. */
export type Read = {
  readonly backwards: boolean;
  readonly limit: number;
} & (
  | { readonly stream: string; readonly from?: number }
  | { readonly stream?: undefined; readonly from?: bigint; readonly filter: Expression }
);

type ReadStream = ReturnType<StreamsClient['read']>;

/** What a subclass of the client may call, and the client's own subscriptions do. */
interface Inside {
  readonly capabilities: Promise<{ readonly serverVersion: string }>;
  GRPCStreamCreator(
    kind: typeof StreamsClient,
    name: string,
    open: (client: StreamsClient) => ReadStream,
  ): () => Promise<ReadStream>;
  callArguments(options: {
    readonly requiresLeader: boolean;
    readonly deadline: number;
  }): Parameters<StreamsClient['read']> extends [unknown, ...infer Rest] ? Rest : never;
}

/**
 * Reads by the client's own connection, as its appends and subscriptions go. Its public reads take another: a native
 * library that connects by itself, cuts the moment of an event down to the second (a subscription has it whole), knows
 * no deadline, and takes percent signs for part of a password. The methods used are open to subclasses; the version of
 * the client is pinned, and every test of the store reads by them.
 * @throws StreamNotFoundError and whatever else the client throws
 */
export async function readCall(
  client: KurrentDBClient,
  read: Read,
  milliseconds: number,
): Promise<readonly ResolvedEvent[]> {
  const inside = client as unknown as Inside;
  const open = inside.GRPCStreamCreator(StreamsClient, 'read', (streams) =>
    streams.read(requestOf(read), ...inside.callArguments({ requiresLeader: true, deadline: milliseconds })),
  );
  const found: ResolvedEvent[] = [];
  const stream = await open();
  try {
    for await (const response of stream as AsyncIterable<ReadResp>) {
      if (response.hasStreamNotFound()) throw new StreamNotFoundError(null as never, read.stream ?? '');
      const event = response.getEvent();
      if (event) found.push(convertGrpcEvent<ResolvedEvent>(event));
    }
  } catch (error) {
    throw error instanceof Error ? convertToCommandError(error) : error;
  }
  return found;
}

/** The server's version, such as 26.1.0; `unknown` where it is too old to tell. */
export async function serverVersion(client: KurrentDBClient): Promise<string> {
  return (await (client as unknown as Inside).capabilities).serverVersion;
}

function requestOf(read: Read): ReadReq {
  const options = new ReadReq.Options();
  const { BACKWARDS, FORWARDS } = ReadReq.Options.ReadDirection;
  options.setReadDirection(read.backwards ? BACKWARDS : FORWARDS);
  options.setResolveLinks(false);
  options.setCount(String(read.limit));
  const ids = new ReadReq.Options.UUIDOption();
  ids.setString(new Empty());
  options.setUuidOption(ids);
  if (read.stream !== undefined) {
    options.setStream(streamPart(read));
    options.setNoFilter(new Empty());
  } else {
    options.setAll(logPart(read));
    options.setFilter(filterPart(read.filter));
  }
  const request = new ReadReq();
  request.setOptions(options);
  return request;
}

function streamPart({
  stream,
  from,
  backwards,
}: Extract<Read, { stream: string }>): ReadReq.Options.StreamOptions {
  const part = new ReadReq.Options.StreamOptions();
  part.setStreamIdentifier(createStreamIdentifier(stream));
  if (from !== undefined) part.setRevision(String(from));
  else if (backwards) part.setEnd(new Empty());
  else part.setStart(new Empty());
  return part;
}

function logPart({
  from,
  backwards,
}: {
  readonly from?: bigint;
  readonly backwards: boolean;
}): ReadReq.Options.AllOptions {
  const part = new ReadReq.Options.AllOptions();
  if (from !== undefined) {
    // What gRPC writes has one position: its commit position is its prepare position.
    const position = new ReadReq.Options.Position();
    position.setCommitPosition(String(from));
    position.setPreparePosition(String(from));
    part.setPosition(position);
  } else if (backwards) part.setEnd(new Empty());
  else part.setStart(new Empty());
  return part;
}

function filterPart(expression: Expression): ReadReq.Options.FilterOptions {
  const asked = new ReadReq.Options.FilterOptions.Expression();
  if ('regex' in expression) asked.setRegex(expression.regex);
  else asked.setPrefixList([...expression.prefixes]);
  const filter = new ReadReq.Options.FilterOptions();
  if (expression.on === 'eventType') filter.setEventType(asked);
  else filter.setStreamIdentifier(asked);
  filter.setCount(new Empty());
  filter.setCheckpointintervalmultiplier(1);
  return filter;
}
