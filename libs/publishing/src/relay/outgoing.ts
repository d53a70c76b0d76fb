import type { PublicMessage } from '../contracts/public-message';
import { headersOf } from '../contracts/public-message';

/** A public message as bytes: CloudEvents' binary mode. */
export interface Outgoing {
  readonly topic: string;
  readonly key: string;
  readonly position: bigint;
  readonly value: Buffer;
  readonly headers: Readonly<Record<string, string>>;
  /** What it takes in a log, rather more than less. */
  readonly bytes: number;
}

/** Of a record beside key, value and headers, and its share of a batch with one record. */
const RECORD_BYTES = 100;
const HEADER_BYTES = 6;

/** Writes a message as it is sent. */
export function outgoing({ topic, key, position, event }: PublicMessage): Outgoing {
  const value = Buffer.from(JSON.stringify(event.data));
  const headers = headersOf(event);
  let bytes = RECORD_BYTES + value.length + key.length;
  // Everything in headers is ASCII, and where it is not, the room left is enough.
  for (const [name, text] of Object.entries(headers)) bytes += HEADER_BYTES + name.length + text.length;
  return { topic, key, position, value, headers, bytes };
}
