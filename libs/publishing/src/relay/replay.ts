import type { EventRegistry, EventStore } from '@guanxi/event-store';
import type { ContractBook } from '../contracts/contract-book';
import type { Topic } from '../contracts/contract';
import type { PublicMessage } from '../contracts/public-message';
import type { RelayObserver } from './observer';
import type { OpenPublisher, ParkedKey, Publisher } from './publisher';
import { PublisherError } from './publisher';
import { Relay } from './relay';

/** What is to be published once more, and where. */
export interface ReplayOrder {
  /** A topic of its own. */
  readonly topic: string;
  /** The first position; 0: the beginning, like 1. */
  readonly from: bigint;
  /** The last one. */
  readonly to: bigint;
  /** Contracts (`deal-won.v1`) or names of events without a version (`deal-won`); absent: all. */
  readonly types?: readonly string[];
  /** Topics whose messages are meant; absent: all. */
  readonly topics?: readonly string[];
  /** Messages a second at most. */
  readonly rate?: number;
}

/** What a replay works with. */
export interface ReplayParts {
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly book: ContractBook;
  /** With a transactional id and a state of this topic's own. */
  readonly publisher: Publisher;
  readonly log: { readonly info: (line: string) => void; readonly warn: (line: string) => void };
  readonly observer?: RelayObserver;
}

/** How a replay ended. */
export interface Replayed {
  /** All is published but for what is parked; false: it was stopped, and goes on when it is asked for again. */
  readonly isDone: boolean;
  readonly position: bigint;
  readonly parked: ReadonlyMap<string, ParkedKey>;
}

/**
 * Publishes what is selected to a topic of its own, in position order. The same order given again goes on where it
 * ended, or does nothing where it is done.
 * @throws PublisherError `refused` for a wrong order or topic, `fenced` where the same replay was started elsewhere
 */
export async function replayTo(
  { publisher, observer, ...parts }: ReplayParts,
  order: ReplayOrder,
  signal: AbortSignal,
): Promise<Replayed> {
  const { book } = parts;
  refuseWrong(book, order);
  const { topic, to, rate, types, topics } = order;
  const isMeant = meantBy(types, topics);
  const relay = new Relay({
    ...parts,
    publisher: new ReplayPublisher(publisher, firstOf(order) - 1n, selectionOf(order)),
    topics: [topicOf(book, order)],
    select: (message) => (isMeant(message) ? { ...message, topic } : undefined),
    upTo: to,
    ...(rate !== undefined && { rate }),
    ...(observer && { observer }),
  });
  const end = await relay.run(signal);
  if ('reason' in end) throw new PublisherError(end.kind, end.reason);
  const { position = 0n, parked } = relay.status;
  return { isDone: end.kind === 'done', position, parked };
}

/**
 * Begins before the first position, and keeps what it selects with how far it has come. A topic that was deleted is
 * filled from its beginning: how far it was filled before is of no use to anybody.
 */
class ReplayPublisher implements Publisher {
  constructor(
    private readonly publisher: Publisher,
    private readonly after: bigint,
    private readonly selection: string,
  ) {}

  async open(topics: readonly Topic[], signal: AbortSignal): Promise<OpenPublisher> {
    const open = await this.publisher.open(topics, signal);
    const { selection, position, parked, ...rest } = open.state;
    const isNew = topics.every(({ name }) => open.isNew(name));
    if (isNew && position > 0n)
      await open.publish([], {
        ...{ position: 0n, selection: this.selection },
        parked: new Map([...parked.keys()].map((stream) => [stream, undefined])),
      });
    else if (selection !== undefined && selection !== this.selection) {
      await open.close();
      throw new PublisherError(
        'refused',
        `topic ${topics[0]?.name ?? ''} was begun with another selection, ${selection}; this one is ${this.selection}. Give ` +
          'the same one to go on, or name another topic',
      );
    }
    return {
      state: isNew
        ? { position: this.after, parked: new Map() }
        : { ...rest, position: position > this.after ? position : this.after, parked },
      ...{ made: [], warnings: open.warnings },
      isNew: (topic) => open.isNew(topic),
      largest: (topic) => open.largest(topic),
      lookAgain: () => open.lookAgain(),
      publish: (messages, change) => open.publish(messages, { ...change, selection: this.selection }),
      close: () => open.close(),
    };
  }
}

/** Who says 0 means the beginning, as with `after=0` of the feed. */
const firstOf = ({ from }: Pick<ReplayOrder, 'from'>): bigint => (from === 0n ? 1n : from);

const selectionOf = ({ to, types, topics, ...rest }: ReplayOrder): string =>
  JSON.stringify({
    from: String(firstOf(rest)),
    to: String(to),
    ...(types && { types: [...types].sort() }),
    ...(topics && { topics: [...topics].sort() }),
  });

/** Partitions as the largest of the topics that are told has them, kept as long as the one that is kept longest. */
function topicOf(book: ContractBook, { topic, topics }: ReplayOrder): Topic {
  const sources = book.topics.filter(({ name }) => topics?.includes(name) ?? true);
  return {
    name: topic,
    title: 'Replay',
    description: 'Public events that were published once more.',
    partitions: Math.max(1, ...sources.map(({ partitions }) => partitions)),
    retentionDays: Math.max(1, ...sources.map(({ retentionDays }) => retentionDays)),
  };
}

function meantBy(types?: readonly string[], topics?: readonly string[]): (message: PublicMessage) => boolean {
  const wantedTypes = types && new Set(types);
  const wantedTopics = topics && new Set(topics);
  return ({ topic, event }) => {
    const contract = event.type.replace(/^guanxi[.]/, '');
    return (
      (wantedTopics?.has(topic) ?? true) &&
      (wantedTypes === undefined ||
        wantedTypes.has(contract) ||
        wantedTypes.has(contract.replace(/[.]v\d+$/, '')))
    );
  };
}

function refuseWrong(book: ContractBook, { topic, from, to, types, topics }: ReplayOrder): void {
  const refuse = (words: string): never => {
    throw new PublisherError('refused', words);
  };
  if (book.topic(topic))
    refuse(`topic ${topic} is one that is published to; a replay needs a topic of its own`);
  if (topic.startsWith('__')) refuse(`topic ${topic} is Kafka's own, as all that begin with two underscores`);
  if (!/^[a-zA-Z0-9._-]{1,249}$/.test(topic) || /^[.]{1,2}$/.test(topic))
    refuse('a topic is named with letters, digits, hyphens, dots and underscores, at most 249 of them');
  if (from < 0n) refuse('from must be a position, or 0 for the beginning');
  if (to < from) refuse(`to (${to}) must not lie before from (${from})`);
  const contracts = book.publications.flatMap(({ events }) => events);
  const known = new Set(contracts.flatMap(({ name, version }) => [name, `${name}.v${version}`]));
  const stranger = types?.find((type) => !known.has(type));
  if (stranger !== undefined)
    refuse(`no public event is called ${stranger}; known are ${[...known].sort().join(', ')}`);
  const elsewhere = topics?.find((name) => !book.topic(name));
  if (elsewhere !== undefined)
    refuse(
      `nothing is published to ${elsewhere}; topics are ${book.topics.map(({ name }) => name).join(', ')}`,
    );
}
