import type { EventRegistry } from '@guanxi/event-store';
import { derivedId } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { CloudEvent, ContractBook, PublicMessage } from '@guanxi/publishing';
import { Unmappable, contractName, publicId } from '@guanxi/publishing';

/** A message for a webhook. */
export interface Outgoing {
  /** `webhook-id`: the same however often, and to whomever, it is sent. */
  readonly id: string;
  readonly key: string;
  readonly type: string;
  readonly topic: string;
  readonly position: bigint;
  readonly revision: number;
  /** Which of its event's messages it is. */
  readonly part: number;
  /** Absent where the event cannot be told, for the reason in its place. */
  readonly event?: CloudEvent;
  readonly fault?: string;
}

/** What of the log one webhook wants. */
export class Wanted {
  private readonly topics: ReadonlySet<string>;
  private readonly contracts: ReadonlySet<string>;
  /** Stored types, old versions among them, of which it wants something. */
  readonly types: readonly string[];

  constructor(
    private readonly book: ContractBook,
    private readonly registry: EventRegistry,
    wanted: { readonly topics: readonly string[]; readonly types: readonly string[] },
  ) {
    this.topics = new Set(wanted.topics);
    this.contracts = new Set(wanted.types.map(bare));
    const newest = new Set(book.typesOf(this.topics));
    for (const { events } of book.publications)
      for (const contract of events)
        if (this.contracts.has(contractName(contract))) newest.add(contract.from);
    this.types = registry.storedTypes([...newest]);
  }

  /** What it is told of an event. Never throws: what cannot be told is a message with a fault. */
  messagesOf(stored: RecordedEvent): readonly Outgoing[] {
    let event = stored;
    let messages: readonly PublicMessage[];
    try {
      event = this.registry.newest(stored);
      messages = this.book.messagesOf(event);
    } catch (error) {
      return [untold(event, error)];
    }
    const wanted: Outgoing[] = [];
    for (const [part, { topic, key, position, event: told }] of messages.entries()) {
      if (!this.topics.has(topic) && !this.contracts.has(bare(told.type))) continue;
      const { type } = told;
      const id = messageId(told.id);
      wanted.push({ id, key, type, topic, position, revision: event.revision, part, event: told });
    }
    return wanted;
  }
}

/** Names that no topic and no contract has. */
export function unknownNames(
  book: ContractBook,
  { topics = [], types = [] }: { readonly topics?: readonly string[]; readonly types?: readonly string[] },
): { readonly topics: readonly string[]; readonly types: readonly string[] } {
  const contracts = new Set(book.publications.flatMap(({ events }) => events.map(contractName)));
  return {
    topics: topics.filter((name) => !book.topic(name)),
    types: types.filter((name) => !contracts.has(bare(name))),
  };
}

/** `guanxi.deal-won.v1`, as readers know a contract, is `deal-won.v1` in lists. */
const bare = (type: string): string => type.replace(/^guanxi[.]/, '');

const messageId = (eventId: string): string => `msg_${derivedId('webhook message', eventId)}`;

/** It halts its key, because what comes behind it must not overtake it; another version of the code may tell it. */
function untold({ id, stream, type, position, revision }: RecordedEvent, error: unknown): Outgoing {
  const [contract, fault] =
    error instanceof Unmappable
      ? [error.contract, error.message]
      : // What an old version is lifted by has failed; its message may repeat what the event says.
        [type, error instanceof Error ? error.name : 'it cannot be lifted'];
  return {
    id: messageId(publicId(id, contract)),
    ...{ key: stream, type, topic: '', position, revision, part: 0, fault },
  };
}
