import { hash } from 'node:crypto';
import { v7 } from 'uuid';

/** A new id for what the caller did not name: UUID version 7, so that ids made later sort later. */
export const newId = (): string => v7();

/**
 * An id that follows from its parts: the same parts give the same id on every machine and after every crash.
 * A SHA-1 name-based UUID (version 5, RFC 9562 §5.5) over the parts joined by a unit separator.
 */
export function derivedId(...parts: readonly string[]): string {
  const hex = hash('sha1', parts.join('\u001f'), 'hex');
  const variant = VARIANT[hex.charAt(16)] ?? '';
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}

/** A hexadecimal digit with its two highest bits set to `10`. */
const VARIANT: Readonly<Record<string, string>> = Object.fromEntries(
  Array.from({ length: 16 }, (_, digit) => [digit.toString(16), ((digit & 0x3) | 0x8).toString(16)]),
);
