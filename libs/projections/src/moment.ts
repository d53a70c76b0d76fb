import type { Instant } from '@guanxi/kernel';
import { NEVER } from './ddl';
import type { AnyReadModel } from './read-model';
import { columnOf, tablesOf } from './read-model';

/** A read model with the generation of its tables that is asked. */
export interface Placed {
  readonly model: AnyReadModel;
  readonly generation: string;
}

/** For which moment a query asks: when it was true, and what was known. */
export interface Moment {
  /** Null: as it stands now. */
  readonly asOf: Instant | null;
  /** Last position that counts as known; null: everything that the tables hold. */
  readonly known: bigint | null;
}

/**
 * A sub-select of a read model's rows at a moment, with column names, `id` and `valid_from`.
 * Now it is the current table itself; in the past it joins history in. Instants and positions are validated
 * values, never text of the caller, so they stand in the statement and the planner sees them.
 */
export function rowsAt({ model, generation }: Placed, { asOf, known }: Moment): string {
  const { current, history } = tablesOf(generation);
  if (asOf === null && known === null) return current;
  const columns = ['id', ...Object.keys(model.columns).map(columnOf), 'valid_from'].join(', ');
  const at = asOf === null ? `'infinity'::timestamptz` : `'${asOf}'::timestamptz`;
  const ended = asOf === null ? 'false' : `valid_to > ${at}`;
  if (known === null) {
    return `(select ${columns} from ${current} where valid_from <= ${at}
             union all
             select ${columns} from ${history}
              where superseded_pos = ${NEVER} and valid_from <= ${at} and ${ended})`;
  }
  return `(select ${columns} from ${current} where valid_from <= ${at} and opened_pos <= ${known}
           union all
           select ${columns} from ${history}
            where opened_pos <= ${known} and superseded_pos > ${known}
              and valid_from <= ${at} and (${ended} or closed_pos > ${known}))`;
}

/** A sub-select of the streams that speak about a read model's keys, as far as is known at a moment. */
export function streamsAt({ generation }: Placed, { known }: Moment): string {
  const { streams } = tablesOf(generation);
  return known === null ? streams : `(select id, stream from ${streams} where noted_pos <= ${known})`;
}

/** A sub-select of a read model's movements that are known and have taken effect at a moment. */
export function movementsAt({ generation }: Placed, { asOf, known }: Moment): string {
  const { movements } = tablesOf(generation);
  const rules = [
    known === null ? `superseded_pos = ${NEVER}` : `known_pos <= ${known} and superseded_pos > ${known}`,
  ];
  if (asOf !== null) rules.push(`effective_at <= '${asOf}'::timestamptz`);
  return `(select * from ${movements} where ${rules.join(' and ')})`;
}
