import type { ServerReadableStream, ServerUnaryCall, sendUnaryData } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import {
  AppendConsistencyViolationErrorDetails,
  ConsistencyViolation,
  StreamAlreadyInAppendSessionErrorDetails,
  StreamRevisionConflictErrorDetails,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/errors_pb';
import type {
  AppendRecord,
  AppendRecordsRequest,
  AppendRequest,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb';
import {
  AppendRecordsResponse,
  AppendResponse,
  AppendSessionResponse,
  SchemaFormat,
  StreamRevision,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v2/streams/streams_pb';
import type { GrpcError } from './faults';
import { errorOf, grpcError } from './faults';
import type { Expected, Outcome, Part, Proposed, WrongState } from './log';
import { ANY } from './log';
import type { Node } from './node';
import { statusBytes } from './wire';

const ERRORS = 'kurrentdb.protocol.v2.streams.errors';

/** Properties become the metadata that readers see, beside notes of the server's own. */
function proposed(record: AppendRecord): Proposed {
  const metadata: Record<string, string> = { '$schema.format': 'Json' };
  for (const [name, value] of record.getPropertiesMap().entries()) metadata[name] = value.getStringValue();
  const json = record.getSchema()?.getFormat() === SchemaFormat.SCHEMA_FORMAT_JSON;
  return {
    id: (record.getRecordId() ?? '').toLowerCase(),
    type: record.getSchema()?.getName() ?? '',
    contentType: json ? 'application/json' : 'application/octet-stream',
    data: record.getData_asU8(),
    metadata: new TextEncoder().encode(JSON.stringify(metadata)),
  };
}

type Detail = Parameters<typeof statusBytes>[3];

function withDetail(code: status, name: string, detail: Detail): GrpcError {
  const bytes = Buffer.from(statusBytes(code, name, `${ERRORS}.${name}`, detail));
  return grpcError(code, name, { 'grpc-status-details-bin': bytes });
}

function revisionConflict({ stream, expected, actual }: WrongState): GrpcError {
  const detail = new StreamRevisionConflictErrorDetails();
  detail.setStream(stream);
  detail.setExpectedRevision(String(expected));
  detail.setActualRevision(String(actual));
  return withDetail(status.FAILED_PRECONDITION, 'StreamRevisionConflictErrorDetails', detail);
}

function violation(states: readonly WrongState[]): GrpcError {
  const detail = new AppendConsistencyViolationErrorDetails();
  for (const [index, { stream, expected, actual }] of states.entries()) {
    const state = new ConsistencyViolation.StreamStateViolation();
    state.setStream(stream);
    state.setExpectedState(String(expected));
    state.setActualState(String(actual));
    const one = new ConsistencyViolation();
    one.setCheckIndex(index);
    one.setStreamState(state);
    detail.addViolations(one);
  }
  return withDetail(status.FAILED_PRECONDITION, 'AppendConsistencyViolationErrorDetails', detail);
}

/** `AppendSession`: each stream once, all or nothing. */
export function appendSession(node: Node) {
  return (
    call: ServerReadableStream<AppendRequest, AppendSessionResponse>,
    answer: sendUnaryData<AppendSessionResponse>,
  ): void => {
    const parts: Part[] = [];
    call.on('data', (request: AppendRequest) => {
      const expected = BigInt(request.getExpectedRevision() ?? ANY);
      parts.push({ stream: request.getStream(), expected, events: request.getRecordsList().map(proposed) });
    });
    call.on('end', () => {
      const refused = node.denied(call.metadata) ?? refusal(parts);
      if (refused) return answer(refused);
      const outcome = attempt(node, 'session', () => node.log.append(parts), answer);
      if (!outcome) return;
      const [state] = outcome.kind === 'wrong' ? outcome.states : [];
      if (outcome.kind === 'wrong')
        return answer(state ? revisionConflict(state) : grpcError(status.INTERNAL, ''));
      const response = new AppendSessionResponse();
      response.setPosition(String(outcome.position ?? 0n));
      for (const { stream, revision } of outcome.revisions) {
        const one = new AppendResponse();
        one.setStream(stream);
        one.setStreamRevision(String(revision));
        response.addOutput(one);
      }
      answer(null, response);
    });
  };
}

function refusal(parts: readonly Part[]): GrpcError | undefined {
  if (new Set(parts.map(({ stream }) => stream)).size < parts.length) {
    return withDetail(
      status.ABORTED,
      'StreamAlreadyInAppendSessionErrorDetails',
      new StreamAlreadyInAppendSessionErrorDetails(),
    );
  }
  return parts.some(({ events }) => events.length === 0)
    ? grpcError(status.INVALID_ARGUMENT, 'an append request needs records')
    : undefined;
}

/** `AppendRecords`: records of several streams in any order, and checks of streams that need not be written to. */
export function appendRecords(node: Node) {
  return (
    call: ServerUnaryCall<AppendRecordsRequest, AppendRecordsResponse>,
    answer: sendUnaryData<AppendRecordsResponse>,
  ): void => {
    const denied = node.denied(call.metadata);
    if (denied) return answer(denied);
    const checks = call.request.getChecksList().map((check) => ({
      stream: check.getStreamState()?.getStream() ?? '',
      expected: BigInt(check.getStreamState()?.getExpectedState() ?? ANY),
    }));
    if (checks.some(({ expected }) => expected === ANY)) {
      return answer(grpcError(status.INVALID_ARGUMENT, 'a check of anything checks nothing'));
    }
    const { parts, others } = grouped(call.request.getRecordsList(), checks);
    const outcome = attempt(node, 'records', () => node.log.append(parts, others), answer);
    if (!outcome) return;
    if (outcome.kind === 'wrong') return answer(violation(outcome.states));
    const response = new AppendRecordsResponse();
    response.setPosition(String(outcome.position ?? 0n));
    for (const { stream, revision } of outcome.revisions) {
      const one = new StreamRevision();
      one.setStream(stream);
      one.setRevision(String(revision));
      response.addRevisions(one);
    }
    answer(null, response);
  };
}

/** Names of streams are taken without regard to case here: the first spelling wins. */
function grouped(
  records: readonly AppendRecord[],
  checks: readonly { stream: string; expected: Expected }[],
) {
  const parts = new Map<string, { stream: string; expected: Expected; events: Proposed[] }>();
  for (const record of records) {
    const key = record.getStream().toLowerCase();
    const part = parts.get(key) ?? { stream: record.getStream(), expected: ANY, events: [] };
    parts.set(key, part);
    part.events.push(proposed(record));
  }
  const others = checks.filter(({ stream, expected }) => {
    const part = parts.get(stream.toLowerCase());
    if (part) part.expected = expected;
    return !part;
  });
  return { parts: [...parts.values()], others };
}

/** The outcome of an append that no fault hits. */
function attempt<T>(
  node: Node,
  kind: 'session' | 'records',
  write: () => Outcome,
  answer: sendUnaryData<T>,
): Outcome | undefined {
  node.appends.push(kind);
  const fault = node.faults.take();
  if (!fault) return write();
  if ('when' in fault && fault.when === 'after') write();
  const error = errorOf(fault);
  if (error) answer(error);
  return undefined;
}
