import { ReadReq, ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import { nameOf } from './append-v1';
import type { Stored } from './log';
import type { ReadCall } from './messages';
import { eventMessage, filterOf } from './messages';
import type { Node } from './node';
import { subscribe } from './subscribing';

const { BACKWARDS } = ReadReq.Options.ReadDirection;

/** `Read`: streams and the log, forwards and backwards, filtered, and subscriptions. */
export function read(node: Node) {
  return (call: ReadCall): void => {
    const denied = node.denied(call.metadata);
    const options = call.request.getOptions();
    if (denied || !options) {
      call.emit('error', denied);
      return;
    }
    const what = options.hasSubscription() ? 'subscription' : options.hasStream() ? 'stream' : 'all';
    node.reads.push(what);
    if (node.silent) return;
    if (what === 'subscription') return subscribe(node, call, options);
    const found = what === 'stream' ? streamPart(node, options) : logPart(node, options);
    if (!found) call.write(notFound(options));
    else void sendAll(call, found);
  };
}

async function sendAll(call: ReadCall, events: readonly Stored[]): Promise<void> {
  for (const event of events) {
    if (call.cancelled) return;
    if (!call.write(eventMessage(event))) await new Promise((resolve) => call.once('drain', resolve));
  }
  call.end();
}

function notFound(options: ReadReq.Options): ReadResp {
  const none = new ReadResp.StreamNotFound();
  none.setStreamIdentifier(options.getStream()?.getStreamIdentifier());
  const response = new ReadResp();
  response.setStreamNotFound(none);
  return response;
}

function streamPart(node: Node, options: ReadReq.Options): readonly Stored[] | undefined {
  const asked = options.getStream();
  const events = node.log.stream(nameOf(asked?.getStreamIdentifier()));
  if (events.length === 0) return undefined;
  const count = Number(options.getCount());
  if (options.getReadDirection() === BACKWARDS) {
    const from = asked?.hasEnd() ? events.length - 1 : asked?.hasStart() ? 0 : Number(asked?.getRevision());
    return events
      .slice(0, from + 1)
      .reverse()
      .slice(0, count);
  }
  if (asked?.hasEnd()) return [];
  return events.slice(asked?.hasStart() ? 0 : Number(asked?.getRevision())).slice(0, count);
}

/** From a position on: it belongs to what is read forwards, and not to what is read backwards. */
function logPart(node: Node, options: ReadReq.Options): readonly Stored[] {
  const all = options.getAll();
  const at = BigInt(all?.getPosition()?.getCommitPosition() ?? 0);
  const backwards = options.getReadDirection() === BACKWARDS;
  const passes = filterOf(options);
  const inside = node.log.events.filter(({ position }) => {
    if (all?.hasStart()) return !backwards;
    if (all?.hasEnd()) return backwards;
    return backwards ? position < at : position >= at;
  });
  const found = (backwards ? inside.reverse() : inside).filter(passes);
  return found.slice(0, Number(options.getCount()));
}
