import type { JsonObject } from '@guanxi/kernel';
import type { CloudEvent } from '../contracts/public-message';
import type { Place } from './errors';
import { NotACloudEvent } from './errors';

/** What of a Kafka message a CloudEvent is read from. */
export interface RawMessage {
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[] | undefined>>;
}

const UTF8 = new TextDecoder('utf-8', { fatal: true });

/**
 * Reads a CloudEvent in Kafka's binary mode: attributes in `ce_` headers, the data alone as value.
 * @throws NotACloudEvent naming the header and the rule; never what the message says
 */
export function cloudEventOf({ headers = {}, value }: RawMessage, place: Place): CloudEvent {
  const refuse = (reason: string): never => {
    throw new NotACloudEvent(place, reason);
  };
  const optional = (name: string): string | undefined => {
    const header = headers[name];
    if (header === undefined) return undefined;
    if (typeof header === 'string') return header;
    if (!Buffer.isBuffer(header)) return refuse(`header ${name} must stand there once`);
    return textOf(header) ?? refuse(`header ${name} must be UTF-8 text`);
  };
  const required = (name: string): string => {
    const text = optional(name);
    return text !== undefined && text !== '' ? text : refuse(`header ${name} must be there`);
  };
  const like = (name: string, rule: RegExp, words: string): string => {
    const text = required(name);
    return rule.test(text) ? text : refuse(`header ${name} must be ${words}`);
  };

  like('ce_specversion', /^1\.0$/, '1.0');
  like('content-type', /^application\/json\s*(;|$)/i, 'application/json');
  const causationid = optional('ce_causationid');
  return {
    specversion: '1.0',
    id: required('ce_id'),
    source: required('ce_source'),
    type: required('ce_type'),
    subject: required('ce_subject'),
    time: instant('ce_time'),
    datacontenttype: 'application/json',
    dataschema: required('ce_dataschema'),
    recordedtime: instant('ce_recordedtime'),
    position: like('ce_position', /^\d{1,19}$/, 'a whole number'),
    revision: Number(like('ce_revision', /^\d{1,15}$/, 'a whole number')),
    correlationid: required('ce_correlationid'),
    ...(causationid !== undefined && { causationid }),
    data: dataOf(value) ?? refuse('its value must be a JSON object'),
  };

  function instant(name: string): string {
    const text = required(name);
    return Number.isNaN(Date.parse(text)) ? refuse(`header ${name} must be an RFC 3339 time`) : text;
  }
}

function textOf(bytes: Buffer): string | undefined {
  try {
    return UTF8.decode(bytes);
  } catch {
    return undefined;
  }
}

function dataOf(value: Buffer | null): JsonObject | undefined {
  if (value === null) return undefined;
  try {
    const data: unknown = JSON.parse(UTF8.decode(value));
    return typeof data === 'object' && data !== null && !Array.isArray(data)
      ? (data as JsonObject)
      : undefined;
  } catch {
    return undefined;
  }
}
