import type { Instant } from '@guanxi/kernel';
import { NEVER } from './ddl';
import { endsAfter, newestAt } from './places';
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
  const begun = asOf === null ? [] : begunBy(model, asOf);
  const opened = known === null ? [] : [`opened_pos <= ${known}`];
  return `(select ${columns} from ${current} where ${[...begun, ...opened].join(' and ')}
           union all
           select ${columns} from ${history} where ${[...begun, ...opened, ...held(asOf, known)].join(' and ')})`;
}

/** Rows that had begun at a moment. */
function begunBy({ beganAt }: AnyReadModel, asOf: Instant): readonly string[] {
  return ['valid_from', ...(beganAt === undefined ? [] : [columnOf(beganAt)])].map(
    (column) => `${column} <= '${asOf}'::timestamptz`,
  );
}

/**
 * Rows of history that were held to be true then: they had not ended at the moment, or that they had was not yet known.
 * Written as one choice between two indexes, so that a row that both find is read once.
 */
function held(asOf: Instant | null, known: bigint | null): readonly string[] {
  const choices = [
    ...(asOf === null ? [] : [endsAfter(asOf)]),
    ...(known === null ? [] : [newestAt(known)]),
  ].map((choice) => `(${choice})`);
  return [
    known === null ? `superseded_pos = ${NEVER}` : `superseded_pos > ${known}`,
    `(${choices.join(' or ')})`,
  ];
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
