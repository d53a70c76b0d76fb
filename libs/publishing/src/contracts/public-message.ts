import type { JsonObject, RecordedEvent } from '@guanxi/kernel';
import type { PublicEvent } from './contract';
import { contractName } from './contract';

/** A public event as a CloudEvent 1.0; names are those of the specification, extensions have no separators. */
export interface CloudEvent {
  readonly specversion: '1.0';
  /** Stays the same however often it is sent: readers may tell doubles by it. */
  readonly id: string;
  readonly source: string;
  /** The contract: `guanxi.deal-won.v1`. */
  readonly type: string;
  /** The stream: what the event is about, and what messages are keyed by. */
  readonly subject: string;
  /** When it happened in the business. */
  readonly time: string;
  readonly datacontenttype: 'application/json';
  readonly dataschema: string;
  /** When we learned it. */
  readonly recordedtime: string;
  /** Place in the one order of all events, as decimal text. */
  readonly position: string;
  /** The event's number in its stream, from 0. */
  readonly revision: number;
  readonly correlationid: string;
  readonly causationid?: string;
  readonly data: JsonObject;
}

/** A public event on its way to a topic. */
export interface PublicMessage {
  readonly topic: string;
  /** Events of one key are delivered in their order. */
  readonly key: string;
  readonly position: bigint;
  readonly event: CloudEvent;
}

/** The name of a contract's schema, which does not change while the contract lives. */
export const schemaUri = (contract: Pick<PublicEvent, 'name' | 'version'>): string =>
  `urn:guanxi:contract:${contractName(contract)}`;

/** How a contract is called in `ce_type`. */
export const typeOf = (contract: Pick<PublicEvent, 'name' | 'version'>): string =>
  `guanxi.${contractName(contract)}`;

/** The id under which readers know what a contract, `deal-won.v1`, makes of a stored event. */
export const publicId = (eventId: string, contract: string): string => `${eventId}.${contract}`;

/** Puts a mapped event into its envelope. */
export function publicMessage(
  topic: string,
  contract: PublicEvent,
  { id, stream, revision, position, occurredAt, recordedAt, metadata }: RecordedEvent,
  data: JsonObject,
  source: string,
): PublicMessage {
  const { correlationId, causationId } = metadata;
  const event: CloudEvent = {
    specversion: '1.0',
    id: publicId(id, contractName(contract)),
    source,
    type: typeOf(contract),
    subject: stream,
    time: occurredAt,
    datacontenttype: 'application/json',
    dataschema: schemaUri(contract),
    recordedtime: recordedAt,
    position: String(position),
    revision,
    correlationid: correlationId,
    ...(causationId !== undefined && { causationid: causationId }),
    data,
  };
  return { topic, key: stream, position, event };
}

/** Headers of a message in CloudEvents' binary mode for Kafka; its value is the data alone. */
export function headersOf(event: CloudEvent): Record<string, string> {
  // One by one: this is done for every message, and going through an object's fields takes ten times as long.
  const headers: Record<string, string> = {
    'content-type': event.datacontenttype,
    ce_specversion: event.specversion,
    ce_id: event.id,
    ce_source: event.source,
    ce_type: event.type,
    ce_subject: event.subject,
    ce_time: event.time,
    ce_dataschema: event.dataschema,
    ce_recordedtime: event.recordedtime,
    ce_position: event.position,
    ce_revision: String(event.revision),
    ce_correlationid: event.correlationid,
  };
  if (event.causationid !== undefined) headers.ce_causationid = event.causationid;
  headers['guanxi-position'] = event.position;
  return headers;
}
