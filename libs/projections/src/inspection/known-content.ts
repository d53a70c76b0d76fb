import { NEVER } from '../ddl';
import type { Placed } from '../moment';
import { rowsAt } from '../moment';
import type { Columns } from '../read-model';
import { columnOf, tablesOf } from '../read-model';

const list = (columns: Columns<object>): string => ['id', ...Object.keys(columns).map(columnOf)].join(', ');

/** SQL of the rows that answered when a position was the last one known. */
export const rowsKnown = (placed: Placed, known: bigint): string => rowsAt(placed, { asOf: null, known });

/** SQL of all versions that were known at a position, with what was known of their ends then. */
export function versionsKnown({ model, generation }: Placed, known: bigint): string {
  const { current, history } = tablesOf(generation);
  const columns = list(model.columns);
  const learned = (position: string): string =>
    `case when ${position} <= ${known} then ${position} else ${NEVER} end as ${position}`;
  return `(select ${columns}, valid_from, 'infinity'::timestamptz as valid_to, opened_pos,
                  ${NEVER}::bigint as closed_pos, ${NEVER}::bigint as superseded_pos
             from ${current} where opened_pos <= ${known}
           union all
           select ${columns}, valid_from, case when closed_pos <= ${known} then valid_to else 'infinity' end,
                  opened_pos, ${learned('closed_pos')}, ${learned('superseded_pos')}
             from ${history} where opened_pos <= ${known})`;
}

/** SQL of all movements that were known at a position. */
export function movementsKnown({ model, generation }: Placed, known: bigint): string {
  const { movements } = tablesOf(generation);
  return `(select ${list(model.movements?.columns ?? {})}, effective_at, known_pos,
                  case when superseded_pos <= ${known} then superseded_pos else ${NEVER} end as superseded_pos
             from ${movements} where known_pos <= ${known})`;
}

/** SQL of the streams that were known to speak about keys at a position. */
export const streamsKnown = ({ generation }: Placed, known: bigint): string =>
  `(select id, stream, noted_pos from ${tablesOf(generation).streams} where noted_pos <= ${known})`;
