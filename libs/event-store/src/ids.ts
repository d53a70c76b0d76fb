import { hash } from 'node:crypto';
import { v7 } from 'uuid';

/** A new id for what the caller did not name: UUID version 7, so that ids made later sort later. */
export const newId = (): string => v7();

/**
 * An id that follows from its parts: the same parts give the same id on every machine and after every crash.
 * A SHA-1 name-based UUID (version 5, RFC 9562 §5.5) over the parts joined by a unit separator.
 */
export function derivedId(...parts: readonly string[]): string {
  const bytes = hash('sha1', parts.join('\u001f'), 'buffer');
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  const hex = bytes.toString('hex', 0, 16);
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}
