import { createHash } from 'node:crypto';
import { invalid, isInstant } from '@guanxi/kernel';
import type { ColumnType } from '@guanxi/projections';

/** The last row of a page: its sort value as PostgreSQL writes it, and its id. */
export interface Cursor {
  readonly value: string | null;
  readonly id: string;
}

/** Tells one list from another: sort, filters and moment. A cursor is good for its own list alone. */
export const fingerprintOf = (list: unknown): string =>
  createHash('sha256').update(JSON.stringify(list)).digest('base64url').slice(0, 12);

/** Cursor text: opaque to callers. */
export const writeCursor = ({ value, id }: Cursor, fingerprint: string): string =>
  Buffer.from(JSON.stringify([fingerprint, id, value])).toString('base64url');

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/**
 * Reads a cursor back.
 * @throws DomainError `cursor.malformed` for text that is none, `cursor.other-list` for one of another list
 */
export function readCursor(text: string, fingerprint: string, type: ColumnType): Cursor {
  const parts = partsOf(text);
  const [list, id, value] = parts;
  if (parts.length !== 3 || typeof list !== 'string' || typeof id !== 'string' || !UUID.test(id))
    throw malformed();
  if (value !== null && (typeof value !== 'string' || !fits(value, type))) throw malformed();
  if (list !== fingerprint) {
    throw invalid(
      'cursor.other-list',
      'cursor belongs to a list with another sort, other filters or another asOf; ask for the first page again',
      { field: 'cursor' },
    );
  }
  return { id, value };
}

function partsOf(text: string): readonly unknown[] {
  try {
    const parts: unknown = JSON.parse(Buffer.from(text, 'base64url').toString('utf8'));
    return Array.isArray(parts) ? parts : [];
  } catch {
    return [];
  }
}

const malformed = (): Error =>
  invalid('cursor.malformed', 'cursor is not one that a list has answered', { field: 'cursor' });

/** A cursor that was tampered with must not reach the database as a value that it cannot read. */
function fits(value: string, type: ColumnType): boolean {
  switch (type) {
    case 'uuid':
      return UUID.test(value);
    case 'bigint':
    case 'integer':
      return /^-?\d{1,18}$/.test(value) && (type === 'bigint' || Math.abs(Number(value)) < 2 ** 31);
    case 'double precision':
      return Number.isFinite(Number(value)) && value.trim() !== '';
    case 'boolean':
      return value === 'true' || value === 'false';
    case 'timestamptz':
      return isInstant(`${value.replace(/([+-]\d{2})$/, '$1:00')}`);
    case 'date':
      return isInstant(`${value}T00:00:00Z`);
    case 'text':
      return !value.includes('\u0000');
    case 'jsonb':
    case 'text[]':
      return false;
  }
}
