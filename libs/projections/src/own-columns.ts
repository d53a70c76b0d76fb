import { NEVER } from './ddl';
import type { ColumnList } from './row-codec';
import type { PlacedMovement, Version } from './versions';

/** The engine's own columns of each table, behind those of the model. */
export const OWN_COLUMNS = {
  current: [
    { name: 'valid_from', type: 'timestamptz' },
    { name: 'opened_pos', type: 'bigint' },
    { name: 'last_at', type: 'timestamptz' },
  ],
  history: [
    { name: 'valid_from', type: 'timestamptz' },
    { name: 'valid_to', type: 'timestamptz' },
    { name: 'opened_pos', type: 'bigint' },
    { name: 'closed_pos', type: 'bigint' },
    { name: 'superseded_pos', type: 'bigint' },
  ],
  movements: [
    { name: 'effective_at', type: 'timestamptz' },
    { name: 'known_pos', type: 'bigint' },
    { name: 'superseded_pos', type: 'bigint' },
  ],
  streams: [
    { name: 'stream', type: 'text' },
    { name: 'noted_pos', type: 'bigint' },
  ],
  ended: [
    { name: 'valid_to', type: 'timestamptz' },
    { name: 'closed_pos', type: 'bigint' },
  ],
  seen: [{ name: 'last_at', type: 'timestamptz' }],
} as const satisfies Record<string, ColumnList>;

/** The own columns of a history row. */
export const historyOf = ({
  validFrom,
  validTo,
  openedPos,
  closedPos,
  supersededPos,
}: Version): readonly unknown[] => [
  validFrom,
  validTo ?? 'infinity',
  openedPos,
  closedPos ?? NEVER,
  supersededPos ?? NEVER,
];

/** The own columns of a movement. */
export const placeOf = ({ effectiveAt, knownPos, supersededPos }: PlacedMovement): readonly unknown[] => [
  effectiveAt,
  knownPos,
  supersededPos ?? NEVER,
];
