import type { Instant } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import { NEVER } from '../ddl';
import type { Placed } from '../moment';
import type { Columns } from '../read-model';
import { columnOf, tablesOf } from '../read-model';
import { readTypes } from '../row-codec';
import type { PlacedMovement, Version } from '../versions';

/** All that a generation holds of one key. */
export interface KeyContent {
  readonly versions: readonly Version[];
  readonly movements: readonly PlacedMovement[];
}

/**
 * Reads all that a generation holds of a key.
 * @param placed with the columns that its tables have: those of its model where these are the same
 */
export async function storedKey(
  client: PoolClient,
  { model, generation }: Placed,
  key: string,
): Promise<KeyContent> {
  const tables = tablesOf(generation);
  const fields = columnList(model.columns);
  const versions = await client.query<StoredVersion>({
    text: `select ${fields}, valid_from, null as valid_to, opened_pos::text, null as closed_pos, null as superseded_pos
             from ${tables.current} where id = $1
           union all
           select ${fields}, valid_from, nullif(valid_to, 'infinity'), opened_pos::text,
                  nullif(closed_pos, ${NEVER})::text, nullif(superseded_pos, ${NEVER})::text
             from ${tables.history} where id = $1`,
    values: [key],
    types: readTypes,
  });
  const moved = model.movements
    ? await client.query<StoredMovement>({
        text: `select ${columnList(model.movements.columns)}, effective_at, known_pos::text,
                      nullif(superseded_pos, ${NEVER})::text as superseded_pos
                 from ${tables.movements} where id = $1`,
        values: [key],
        types: readTypes,
      })
    : { rows: [] };
  return {
    versions: versions.rows.map((row) => versionOf(model.columns, row)).sort(byPlace),
    movements: moved.rows.map((row) => movementOf(model.movements?.columns ?? {}, row)),
  };
}

type Values = Readonly<Record<string, unknown>>;

interface StoredVersion {
  readonly [column: string]: unknown;
  readonly valid_from: Instant;
  readonly valid_to: Instant | null;
  readonly opened_pos: string;
  readonly closed_pos: string | null;
  readonly superseded_pos: string | null;
}

interface StoredMovement {
  readonly [column: string]: unknown;
  readonly effective_at: Instant;
  readonly known_pos: string;
  readonly superseded_pos: string | null;
}

const columnList = (columns: Columns<object>): string => Object.keys(columns).map(columnOf).join(', ');

const versionOf = (columns: Columns<object>, stored: StoredVersion): Version => ({
  row: fieldsOf(columns, stored),
  validFrom: stored.valid_from,
  validTo: stored.valid_to,
  openedPos: BigInt(stored.opened_pos),
  closedPos: positionOf(stored.closed_pos),
  supersededPos: positionOf(stored.superseded_pos),
});

const movementOf = (columns: Columns<object>, stored: StoredMovement): PlacedMovement => ({
  movement: fieldsOf(columns, stored),
  effectiveAt: stored.effective_at,
  knownPos: BigInt(stored.known_pos),
  supersededPos: positionOf(stored.superseded_pos),
});

const positionOf = (text: string | null): bigint | null => (text === null ? null : BigInt(text));

/** A row as the model makes it: empty columns are absent. */
function fieldsOf(columns: Columns<object>, values: Values): object {
  const row: Record<string, unknown> = {};
  for (const field of Object.keys(columns)) {
    const value = values[columnOf(field)];
    if (value !== null && value !== undefined) row[field] = value;
  }
  return row;
}

const byPlace = (a: Version, b: Version): number =>
  a.openedPos !== b.openedPos
    ? a.openedPos < b.openedPos
      ? -1
      : 1
    : a.validFrom < b.validFrom
      ? -1
      : a.validFrom > b.validFrom
        ? 1
        : 0;

/** What of a key's content was known at a position, and how it looked then. */
export function knownAt({ versions, movements }: KeyContent, position: bigint): KeyContent {
  const learned = (at: bigint | null): bigint | null => (at !== null && at <= position ? at : null);
  return {
    versions: versions
      .filter(({ openedPos }) => openedPos <= position)
      .map((version) => ({
        ...version,
        validTo: learned(version.closedPos) === null ? null : version.validTo,
        closedPos: learned(version.closedPos),
        supersededPos: learned(version.supersededPos),
      })),
    movements: movements
      .filter(({ knownPos }) => knownPos <= position)
      .map((moved) => ({ ...moved, supersededPos: learned(moved.supersededPos) })),
  };
}

/** Of versions as known at a position: the one that answers as of a moment, or as of now. */
export const answering = (versions: readonly Version[], asOf: Instant | null): Version | undefined =>
  versions.find(
    ({ supersededPos, validFrom, validTo }) =>
      supersededPos === null &&
      (asOf === null ? validTo === null : validFrom <= asOf && (validTo === null || validTo > asOf)),
  );
