import type { OrderedStore } from './candidate';
import { openStore } from './candidate';
import { candidateCalled } from './candidates';
import { Followers } from './followers';
import type { Attempt, Sighting } from './observations';
import { serve } from './processes';
import { Writers } from './writers';

/** What a process of the oracle needs to open the store. */
export interface StoreAddress {
  readonly candidate: string;
  readonly url: string;
}

let store: OrderedStore | undefined;
let writers: Writers | undefined;
let followers: Followers | undefined;

function opened<T>(part: T | undefined): T {
  if (part === undefined) throw new Error('the process was not told what to do first');
  return part;
}

const methods = {
  async openWriters({ candidate, url }: StoreAddress, count: number, appends: number): Promise<void> {
    store = openStore(candidateCalled(candidate), url, 'oracle-writers', count + 2);
    writers = new Writers(store, count, appends);
  },
  reachesHalf: (): Promise<bigint> => opened(writers).reachesHalf(),
  write: (): Promise<readonly Attempt[]> => opened(writers).write(),

  async openFollowers({ candidate, url }: StoreAddress, endId: string): Promise<void> {
    store = openStore(candidateCalled(candidate), url, 'oracle-followers', 8);
    followers = new Followers(store, 'another process', endId);
  },
  start: async (after: bigint): Promise<void> => {
    opened(followers).start(after);
  },
  lapWhileOpen: (): Promise<void> => opened(followers).lapWhileOpen(),
  finish: (): Promise<readonly Sighting[]> => opened(followers).finish(),

  close: (): Promise<void> => opened(store).close(),
};

/** The methods that a process of the oracle answers to. */
export type Worker = typeof methods;

serve(methods);
