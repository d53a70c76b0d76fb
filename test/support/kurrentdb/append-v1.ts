import type { ServerDuplexStream, ServerReadableStream, sendUnaryData } from '@grpc/grpc-js';
import { status } from '@grpc/grpc-js';
import {
  AllStreamPosition,
  AccessDenied,
  Empty,
  Timeout,
  Unknown,
  WrongExpectedVersion,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb';
import type { StreamIdentifier } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/shared_pb';
import type {
  AppendReq,
  BatchAppendReq,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import {
  AppendResp,
  BatchAppendResp,
} from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import type { Fault } from './faults';
import { errorOf } from './faults';
import type { Expected, Outcome, Part, Proposed, WrongState } from './log';
import { ANY, NO_STREAM, STREAM_EXISTS } from './log';
import type { Node } from './node';
import { statusWith } from './wire';

export const nameOf = (identifier: StreamIdentifier | undefined): string =>
  new TextDecoder().decode(identifier?.getStreamName_asU8());

function proposed(message: BatchAppendReq.ProposedMessage | AppendReq.ProposedMessage): Proposed {
  return {
    id: (message.getId()?.getString() ?? '').toLowerCase(),
    type: message.getMetadataMap().get('type') ?? '',
    contentType: message.getMetadataMap().get('content-type') ?? '',
    data: message.getData_asU8(),
    metadata: message.getCustomMetadata_asU8(),
  };
}

/** `BatchAppend`: appends of a client on one stream, each answered under its correlation id. */
export function batchAppend(node: Node) {
  return (call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>): void => {
    const denied = node.denied(call.metadata);
    if (denied) {
      call.emit('error', denied);
      return;
    }
    const open = new Map<string, { stream: string; expected: Expected; events: Proposed[] }>();
    call.on('data', (request: BatchAppendReq) => {
      const id = request.getCorrelationId()?.getString() ?? '';
      const options = request.getOptions();
      if (options) {
        open.set(id, {
          stream: nameOf(options.getStreamIdentifier()),
          expected: batchExpected(options),
          events: [],
        });
      }
      const part = open.get(id);
      part?.events.push(...request.getProposedMessagesList().map(proposed));
      if (!part || !request.getIsFinal()) return;
      open.delete(id);
      node.appends.push('batch');
      const fault = node.faults.take();
      if (fault && 'when' in fault && fault.when === 'after') node.log.append([part]);
      if (fault) return failBatch(call, request, part, fault);
      call.write(batchAnswer(request, part, node.log.append([part])));
    });
    call.on('end', () => {
      call.end();
    });
  };
}

function batchExpected(options: BatchAppendReq.Options): Expected {
  if (options.hasNoStream()) return NO_STREAM;
  if (options.hasStreamExists()) return STREAM_EXISTS;
  return options.hasAny() ? ANY : BigInt(options.getStreamPosition());
}

function failBatch(
  call: ServerDuplexStream<BatchAppendReq, BatchAppendResp>,
  request: BatchAppendReq,
  part: Part,
  fault: Fault,
): void {
  if (fault.kind !== 'timeout' && fault.kind !== 'aborted') {
    const error = errorOf(fault);
    if (error) call.emit('error', error);
    return;
  }
  const answer = answerTo(request, part);
  answer.setError(statusWith(status.DEADLINE_EXCEEDED, 'event_store.client.Timeout', new Timeout()));
  call.write(answer);
}

function answerTo(request: BatchAppendReq, part: Part): BatchAppendResp {
  const answer = new BatchAppendResp();
  answer.setCorrelationId(request.getCorrelationId());
  // The name of the stream comes back as it was sent.
  answer.setStreamIdentifier(identifierOf(part.stream, request));
  return answer;
}

const identifiers = new Map<string, StreamIdentifier>();

function identifierOf(stream: string, request: BatchAppendReq): StreamIdentifier | undefined {
  const given = request.getOptions()?.getStreamIdentifier();
  if (given) identifiers.set(stream, given);
  return given ?? identifiers.get(stream);
}

function batchAnswer(request: BatchAppendReq, part: Part, outcome: Outcome): BatchAppendResp {
  const answer = answerTo(request, part);
  if (outcome.kind === 'wrong') {
    const [state] = outcome.states;
    answer.setError(
      state
        ? statusWith(
            status.FAILED_PRECONDITION,
            'event_store.client.WrongExpectedVersion',
            wrongVersion(state),
          )
        : statusWith(status.UNKNOWN, 'event_store.client.Unknown', new Unknown()),
    );
    return answer;
  }
  const success = new BatchAppendResp.Success();
  success.setCurrentRevision(String(outcome.revisions[0]?.revision ?? 0n));
  if (outcome.position !== undefined) {
    const position = new AllStreamPosition();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    success.setPosition(position);
  }
  answer.setSuccess(success);
  return answer;
}

function wrongVersion({ expected, actual }: WrongState): WrongExpectedVersion {
  const wrong = new WrongExpectedVersion();
  if (actual >= 0n) wrong.setCurrentStreamRevision(String(actual));
  if (expected >= 0n) wrong.setExpectedStreamPosition(String(expected));
  return wrong;
}

/** What a batch says to somebody who may not write. */
export const accessDenied = () =>
  statusWith(status.PERMISSION_DENIED, 'event_store.client.AccessDenied', new AccessDenied());

/** `Append`: the older call, used where the server knows no batches. */
export function append(node: Node) {
  return (call: ServerReadableStream<AppendReq, AppendResp>, answer: sendUnaryData<AppendResp>): void => {
    const part = { stream: '', expected: ANY, events: new Array<Proposed>() };
    const denied = node.denied(call.metadata);
    call.on('data', (request: AppendReq) => {
      const options = request.getOptions();
      const message = request.getProposedMessage();
      if (options)
        Object.assign(part, {
          stream: nameOf(options.getStreamIdentifier()),
          expected: unaryExpected(options),
        });
      if (message) part.events.push(proposed(message));
    });
    call.on('end', () => {
      if (denied) return answer(denied);
      node.appends.push('unary');
      const fault = node.faults.take();
      if (fault && 'when' in fault && fault.when === 'after') node.log.append([part]);
      const error = fault && errorOf(fault);
      if (error) return answer(error);
      if (!fault) answer(null, unaryAnswer(node.log.append([part])));
    });
  };
}

function unaryExpected(options: AppendReq.Options): Expected {
  if (options.hasNoStream()) return NO_STREAM;
  if (options.hasStreamExists()) return STREAM_EXISTS;
  return options.hasAny() ? ANY : BigInt(options.getRevision());
}

function unaryAnswer(outcome: Outcome): AppendResp {
  const answer = new AppendResp();
  if (outcome.kind === 'wrong') {
    const wrong = new AppendResp.WrongExpectedVersion();
    const [state] = outcome.states;
    if (state && state.actual >= 0n) wrong.setCurrentRevision(String(state.actual));
    else wrong.setCurrentNoStream(new Empty());
    if (state && state.expected >= 0n) wrong.setExpectedRevision(String(state.expected));
    else wrong.setExpectedNoStream(new Empty());
    answer.setWrongExpectedVersion(wrong);
    return answer;
  }
  const success = new AppendResp.Success();
  success.setCurrentRevision(String(outcome.revisions[0]?.revision ?? 0n));
  if (outcome.position !== undefined) {
    const position = new AppendResp.Position();
    position.setCommitPosition(String(outcome.position));
    position.setPreparePosition(String(outcome.position));
    success.setPosition(position);
  }
  answer.setSuccess(success);
  return answer;
}
