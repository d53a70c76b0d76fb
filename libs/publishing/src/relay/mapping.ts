import type { EventRegistry } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { ContractBook } from '../contracts/contract-book';
import { Unmappable } from '../contracts/contract-book';
import type { PublicMessage } from '../contracts/public-message';
import type { Outgoing } from './outgoing';
import { outgoing } from './outgoing';
import type { Landmark, ParkedKey } from './publisher';

/** What is to become of a stored event: its messages, or why it cannot be told. */
export interface Mapped {
  readonly event: Landmark;
  readonly stream: string;
  readonly position: bigint;
  readonly messages: readonly Outgoing[];
  readonly bytes: number;
  readonly failure?: ParkedKey;
}

/** What events are mapped with. */
export interface MappingParts {
  readonly registry: EventRegistry;
  readonly book: ContractBook;
  /** What is sent of a message; undefined: nothing. Absent: the message itself. */
  readonly select?: (message: PublicMessage) => PublicMessage | undefined;
  /** Bytes of the largest message that a topic takes. */
  readonly largest: (topic: string) => number;
}

/** Maps an event; undefined where nothing of it is public. Never throws: what fails is told as `failure`. */
export function mapEvent(parts: MappingParts, event: RecordedEvent): Mapped | undefined {
  const { stream, position } = event;
  const messages: Outgoing[] = [];
  let bytes = 0;
  try {
    for (const told of parts.book.messagesOf(parts.registry.newest(event))) {
      const message = parts.select ? parts.select(told) : told;
      if (!message) continue;
      const sent = outgoing(message);
      const largest = parts.largest(sent.topic);
      if (sent.bytes > largest) return failed(event, contractOf(message), tooLarge(sent, largest));
      messages.push(sent);
      bytes += sent.bytes;
    }
  } catch (error) {
    if (error instanceof Unmappable) return failed(event, error.contract, reasonOf(error));
    // What an old version is lifted by has failed; its message may repeat what the event says.
    return failed(event, event.type, error instanceof Error ? error.name : 'it cannot be lifted');
  }
  return messages.length === 0 ? undefined : { event: landmarkOf(event), stream, position, messages, bytes };
}

const tooLarge = ({ bytes, topic }: Outgoing, largest: number): string =>
  `its message of about ${bytes} bytes is larger than topic ${topic} takes (${largest}); raise max.message.bytes of the topic`;

function failed(event: RecordedEvent, contract: string, reason: string): Mapped {
  const { stream, position, type } = event;
  const failure = { position, type, contract, reason };
  return { event: landmarkOf(event), stream, position, messages: [], bytes: 0, failure };
}

const landmarkOf = ({ position, stream, revision, id }: RecordedEvent): Landmark => ({
  ...{ position, stream, revision, id },
});

/** `guanxi.deal-won.v1` without the product's name. */
const contractOf = ({ event }: PublicMessage): string => event.type.replace(/^guanxi[.]/, '');

/** The part of the words behind what is told in fields of their own. */
function reasonOf({ message, contract }: Unmappable): string {
  const start = message.indexOf(`${contract}: `);
  return start < 0 ? message : message.slice(start + contract.length + 2);
}
