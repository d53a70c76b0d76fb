import type { ReadReq } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import { ReadResp } from '@kurrent/kurrentdb-client/generated/kurrentdb/protocols/v1/streams_pb';
import type { Node } from './node';
import type { ReadCall } from './messages';
import { eventMessage, filterOf } from './messages';

/** Events that are considered between two checkpoints of a filtered subscription. */
const WINDOW = 32;

/** A subscription to the log: behind a position, with checkpoints if it is filtered, until the caller goes. */
export function subscribe(node: Node, call: ReadCall, options: ReadReq.Options): void {
  node.subscriptions.add(call);
  call.on('cancelled', () => node.subscriptions.delete(call));
  call.write(confirmation());
  void follow(node, call, options).finally(() => node.subscriptions.delete(call));
}

async function follow(node: Node, call: ReadCall, options: ReadReq.Options): Promise<void> {
  const all = options.getAll();
  const after = all?.getPosition();
  const passes = filterOf(options);
  const window =
    (options.getFilter()?.getMax() || WINDOW) * (options.getFilter()?.getCheckpointintervalmultiplier() || 1);
  let behind = after ? BigInt(after.getCommitPosition()) : -1n;
  let considered = 0;
  let caughtUp = false;
  let next = node.log.events.findIndex(({ position }) => position > behind);
  if (next < 0) next = node.log.events.length;
  const write = async (message: ReadResp): Promise<void> => {
    if (!call.write(message)) await untilDrained(call);
  };
  while (!call.cancelled && node.subscriptions.has(call)) {
    const event = node.log.events[next];
    if (event) {
      next += 1;
      considered += 1;
      behind = event.position;
      if (passes(event)) {
        node.sent += 1;
        await write(eventMessage(event));
      }
      if (options.hasFilter() && considered % window === 0) await write(checkpoint(behind));
    } else if (!caughtUp) {
      caughtUp = true;
      if (options.hasFilter() && behind >= 0n) await write(checkpoint(behind));
      await write(caughtUpMessage());
    } else {
      await untilChanged(node, call);
    }
  }
}

const untilDrained = (call: ReadCall): Promise<void> => until(call, 'drain', () => () => undefined);

const untilChanged = (node: Node, call: ReadCall): Promise<void> =>
  until(call, 'finish', (done) => node.log.onChange(done));

/** Waits for an event of the call, for its end, or for what `listen` hears of. */
const until = (
  call: ReadCall,
  event: 'drain' | 'finish',
  listen: (done: () => void) => () => void,
): Promise<void> =>
  new Promise((resolve) => {
    const done = (): void => {
      stop();
      for (const name of [event, 'cancelled', 'close']) call.off(name, done);
      resolve();
    };
    const stop = listen(done);
    for (const name of [event, 'cancelled', 'close']) call.on(name, done);
  });

function confirmation(): ReadResp {
  const confirmed = new ReadResp.SubscriptionConfirmation();
  confirmed.setSubscriptionId(crypto.randomUUID());
  const response = new ReadResp();
  response.setConfirmation(confirmed);
  return response;
}

function checkpoint(position: bigint): ReadResp {
  const reached = new ReadResp.Checkpoint();
  reached.setCommitPosition(String(position));
  reached.setPreparePosition(String(position));
  const response = new ReadResp();
  response.setCheckpoint(reached);
  return response;
}

function caughtUpMessage(): ReadResp {
  const response = new ReadResp();
  response.setCaughtUp(new ReadResp.CaughtUp());
  return response;
}
