import type { AllStreamResolvedEvent, EventData, ResolvedEvent } from '@kurrent/kurrentdb-client';
import { jsonEvent } from '@kurrent/kurrentdb-client';
import type { EventMetadata, Instant, JsonObject, RecordedEvent } from '@guanxi/kernel';
import { isInstant, parseInstant } from '@guanxi/kernel';
import type { NewEvent } from '@guanxi/event-store';
import { deserialise } from '@guanxi/event-store';

/** Which event of which append this is: `index` from 1 to `count`. */
export interface Part {
  readonly index: number;
  readonly count: number;
  /** Made for each append, so that one is told from a repeat of it. */
  readonly append: string;
}

/** An event of this store as KurrentDB has it; when it was recorded is not said by itself alone. */
export interface KurrentRecord extends Omit<RecordedEvent, 'recordedAt'> {
  /** The leader's clock in ms: each event of an append has its own, and it may go backwards. */
  readonly created: number;
  /** The latest recordedAt that the writer had seen. */
  readonly notBefore: Instant;
  readonly part: Part;
}

/** A message of the log: where it lies, and the event if it is one of this store. */
export interface Found {
  readonly position: bigint;
  readonly record?: KurrentRecord;
}

/**
 * An event for the client. All metadata are text, in one flat object: a write to several streams takes nothing else.
 * @param text the event's data as `serialise` wrote it
 */
export function toEventData(
  { id, type, occurredAt }: NewEvent,
  text: string,
  metadata: EventMetadata,
  { part, notBefore }: { readonly part: Part; readonly notBefore: Instant },
): EventData {
  const { causationId, policyVersion, ...own } = metadata;
  return jsonEvent({
    id,
    type,
    // The client turns it into text again, which gives the same text: see the test of this file.
    data: deserialise(text),
    metadata: {
      ...own,
      ...(causationId !== undefined && { causationId }),
      policyVersion: String(policyVersion),
      occurredAt,
      notBefore,
      part: `${part.index}/${part.count}/${part.append}`,
    },
  });
}

/** What was read at a place of the log; without a record for system events and for what other programs wrote. */
export function toFound(resolved: AllStreamResolvedEvent | ResolvedEvent): Found {
  const event = resolved.event ?? resolved.link;
  const position = event?.position?.commit ?? resolved.commitPosition ?? 0n;
  if (!event || event.type.startsWith('$') || event.streamId.startsWith('$')) return { position };
  const own = ownMetadata(event.metadata);
  if (!own || !event.isJson || typeof event.data !== 'object') return { position };
  return {
    position,
    record: {
      id: event.id,
      type: event.type,
      stream: event.streamId,
      revision: Number(event.revision),
      position,
      created: event.created.getTime(),
      data: event.data as JsonObject,
      ...own,
    },
  };
}

/** What a subscription's `read` gave; undefined where nothing waits. */
export const toWaiting = (read: unknown): Found | undefined =>
  read === null ? undefined : toFound(read as AllStreamResolvedEvent);

type Own = Pick<KurrentRecord, 'metadata' | 'occurredAt' | 'notBefore' | 'part'>;

const TEXTS = ['commandId', 'command', 'commandHash', 'correlationId', 'actor', 'tenant'] as const;

function ownMetadata(stored: unknown): Own | undefined {
  if (typeof stored !== 'object' || stored === null) return undefined;
  const text = stored as Record<string, unknown>;
  const { occurredAt, notBefore, part, causationId, policyVersion } = text;
  if (
    !isInstant(occurredAt) ||
    !isInstant(notBefore) ||
    !TEXTS.every((name) => typeof text[name] === 'string')
  ) {
    return undefined;
  }
  const [, index, count, append] = /^(\d+)\/(\d+)\/([\w-]+)$/.exec(String(part)) ?? [];
  if (index === undefined || count === undefined || append === undefined) return undefined;
  return {
    metadata: {
      ...(Object.fromEntries(TEXTS.map((name) => [name, text[name]])) as unknown as Omit<
        EventMetadata,
        'policyVersion'
      >),
      ...(typeof causationId === 'string' && { causationId }),
      policyVersion: Number(policyVersion),
    },
    occurredAt: parseInstant(occurredAt),
    notBefore: parseInstant(notBefore),
    part: { index: Number(index), count: Number(count), append },
  };
}

/** The event as the port hands it out. */
export function toRecordedEvent(record: KurrentRecord, recordedAt: Instant): RecordedEvent {
  const { id, type, stream, revision, position, occurredAt, data, metadata } = record;
  return { id, type, stream, revision, position, occurredAt, recordedAt, data, metadata };
}
