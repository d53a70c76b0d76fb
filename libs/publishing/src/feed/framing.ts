import type { EventRegistry } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import type { ContractBook } from '../contracts/contract-book';
import { Unmappable } from '../contracts/contract-book';
import type { FeedOffer, Told } from './feed-filter';
import type { Frame } from './frame';
import { frameOf } from './frame';

/** How an event that cannot be told is called: readers learn that there is one, and where. */
export const UNMAPPABLE = 'guanxi.unmappable';

/** An event that could not be told; never what it says. */
export interface Untold {
  readonly position: bigint;
  readonly contract: string;
  readonly reason: string;
}

/** What messages are made with. */
export interface FramingParts {
  readonly registry: EventRegistry;
  readonly book: Pick<ContractBook, 'messagesOf'>;
  readonly offer: FeedOffer;
  /** As in all public events. */
  readonly source: string;
  readonly onUntold: (untold: Untold) => void;
}

/** Makes frames of stored events. */
export class Framing {
  private readonly told = new Map<string, readonly Told[]>();

  constructor(private readonly parts: FramingParts) {}

  /** One frame for each message; one that says so where the event cannot be told; none where nobody is told of it. */
  of(stored: RecordedEvent): readonly Frame[] {
    let event = stored;
    try {
      event = this.parts.registry.newest(stored);
      const all = this.toldOf(event.type);
      if (all.length === 0) return [];
      const messages = this.parts.book.messagesOf(event);
      return messages.map((message, index) =>
        frameOf({
          position: event.position,
          index,
          isLast: index === messages.length - 1,
          tells: all.filter(({ topic, type }) => topic === message.topic && type === message.event.type),
          event: message.event,
        }),
      );
    } catch (error) {
      return this.untold(event, error);
    }
  }

  private untold(event: RecordedEvent, error: unknown): readonly Frame[] {
    const { position, stream, revision, recordedAt, occurredAt, id, metadata } = event;
    const known = error instanceof Unmappable;
    const contract = known ? error.contract : event.type;
    // Only what the contract says of its own rule: other messages may repeat what the event says of a person.
    const reason = known ? error.message : error instanceof Error ? error.name : 'its mapping failed';
    this.parts.onUntold({ position, contract, reason });
    const tells = this.toldOf(event.type);
    // Not even its newest version is known: whoever reads on should know that something is missing.
    const to = tells.length > 0 ? tells : this.parts.offer.tells;
    const told = {
      specversion: '1.0',
      id: `${id}.unmappable`,
      source: this.parts.source,
      type: UNMAPPABLE,
      subject: stream,
      time: occurredAt,
      datacontenttype: 'application/json',
      recordedtime: recordedAt,
      position: String(position),
      revision,
      correlationid: metadata.correlationId,
      data: { position: String(position), contract },
    };
    return [frameOf({ position, index: 0, isLast: true, tells: to, event: told })];
  }

  private toldOf(type: string): readonly Told[] {
    const known = this.told.get(type);
    if (known) return known;
    const tells = this.parts.offer.toldOf(type);
    this.told.set(type, tells);
    return tells;
  }
}
