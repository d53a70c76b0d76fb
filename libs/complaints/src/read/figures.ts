import { invalidField, parseInstant } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { IsInstant } from '@guanxi/querying';
import { IsOptional, IsString, Length } from 'class-validator';
import { FIRST_ANSWER_HOURS } from '../domain/policy';
import { complaints } from './complaints';
import type { Split } from './splits';
import { noSplit, splitBy, splitModels } from './splits';

export class FiguresParameters {
  /** Filed at this moment or later. */
  @IsOptional() @IsInstant() readonly from?: string;
  /** Filed before this moment. */
  @IsOptional() @IsInstant() readonly to?: string;
  /**
   * `product`, `cause`, `channel`, `region`, `severity`, `level`, `owner`, `customer`, `complainantType`, `status`,
   * `month`, `week`, `day` (of filing, UTC), or `attributes.<name>`.
   */
  @IsOptional() @IsString() @Length(1, 100) readonly by?: string;
}

/** Figures of a group of complaints, as they stand at the moment asked for. Rates are 0 to 1, null of nothing. */
export interface Figures {
  readonly filed: number;
  /** Neither resolved nor withdrawn: filed = open + resolved + withdrawn. */
  readonly open: number;
  readonly answered: number;
  readonly answeredInTime: number;
  /**
   * Answered in time ÷ (answered, or due for an answer). A source's own statement goes before the clock;
   * an answer of which nobody knows when it was given counts on neither side.
   */
  readonly timeliness: number | null;
  readonly resolved: number;
  /** Resolved ÷ filed. */
  readonly resolutionRate: number | null;
  /** Opened again at least once. */
  readonly reopened: number;
  readonly withdrawn: number;
  /** The same customer had complained of the same cause before. */
  readonly repeat: number;
  /** Hours of the clock on the wall; answers and resolutions whose moment an import assumed are left out. */
  readonly medianHoursToFirstAnswer: number | null;
  readonly medianHoursToResolution: number | null;
}

export interface FiguresGroup extends Figures {
  readonly key: string;
  readonly id: string | null;
  readonly label: string;
}

/** The models that the figures are made of. */
export const figureModels = [complaints, ...splitModels];

/** Figures of the complaints filed in a period: all of them, and split by something where asked. */
export async function figures(
  snapshot: Snapshot,
  parameters: FiguresParameters,
): Promise<{ readonly total: Figures; readonly groups?: readonly FiguresGroup[] }> {
  const { from, to } = parameters;
  if (from !== undefined && to !== undefined && parseInstant(to, 'to') < parseInstant(from, 'from'))
    throw invalidField('to', 'notBeforeFrom', `must not lie before from ${from}`);
  const [all] = await measured(snapshot, parameters, noSplit);
  const { key: _key, id: _id, label: _label, ...total } = all ?? { ...nothing, key: '', id: null, label: '' };
  if (parameters.by === undefined) return { total };
  return { total, groups: await measured(snapshot, parameters, splitBy(snapshot, parameters.by)) };
}

const nothing: Figures = {
  filed: 0,
  open: 0,
  answered: 0,
  answeredInTime: 0,
  timeliness: null,
  resolved: 0,
  resolutionRate: null,
  reopened: 0,
  withdrawn: 0,
  repeat: 0,
  medianHoursToFirstAnswer: null,
  medianHoursToResolution: null,
};

/** What figures and their splits look at: rows also hold stories that need not be carried along. */
const counted = [
  ...['status', 'level', 'customer_id', 'owner', 'channel', 'product', 'region', 'cause', 'severity'],
  ...['complainant_type', 'attributes', 'filed_at', 'first_answer_at', 'answered_in_time', 'resolved_at'],
  ...['resolved_at_assumed', 'withdrawn_at', 'reopened_count'],
]
  .map((column) => `c.${column}`)
  .join(', ');

const hours = (to: string): string => `extract(epoch from ${to} - c.filed_at)::float8 / 3600`;

function measured(
  snapshot: Snapshot,
  { from, to }: FiguresParameters,
  { key, id, label, join, inTime }: Split,
): Promise<readonly FiguresGroup[]> {
  const all = snapshot.of(complaints);
  return snapshot.rows<FiguresGroup>(
    `with chosen as (
       select ${counted}, coalesce('acknowledgedAt' = any (c.assumed), false) as answered_sometime,
              c.filed_at > e.earliest as repeated
         from ${all} c
         left join (select customer_id, cause, min(filed_at) as earliest from ${all} a
                     where customer_id is not null group by customer_id, cause) e
           on e.customer_id = c.customer_id and e.cause = c.cause
        where c.filed_at >= coalesce($2::timestamptz, '-infinity') and c.filed_at < coalesce($3::timestamptz, 'infinity')),
     judged as (
       select c.*, ${key} as group_key, ${id} as group_id, ${label} as group_label,
              c.answered_in_time is not null
                or (not c.answered_sometime
                    and least($1::timestamptz, c.withdrawn_at) >= c.filed_at + interval '${FIRST_ANSWER_HOURS} hours') as due
         from chosen c ${join})
     select group_key as key, min(group_id) as id, min(group_label) as label,
            count(*) as filed,
            count(*) filter (where status in ('filed', 'acknowledged', 'proposed')) as open,
            count(*) filter (where answered_in_time is not null or answered_sometime) as answered,
            count(*) filter (where answered_in_time) as "answeredInTime",
            count(*) filter (where answered_in_time)::float8 / nullif(count(*) filter (where due), 0) as timeliness,
            count(*) filter (where status in ('resolved', 'closed')) as resolved,
            count(*) filter (where status in ('resolved', 'closed'))::float8 / count(*) as "resolutionRate",
            count(*) filter (where reopened_count > 0) as reopened,
            count(*) filter (where status = 'withdrawn') as withdrawn,
            count(*) filter (where repeated) as repeat,
            percentile_cont(0.5) within group (order by ${hours('first_answer_at')}) as "medianHoursToFirstAnswer",
            percentile_cont(0.5) within group (order by
              case when resolved_at_assumed then null else ${hours('resolved_at')} end) as "medianHoursToResolution"
       from judged c
      group by group_key
      order by ${inTime ? '' : 'filed desc,'} key`,
    [snapshot.asOf, from ?? null, to ?? null],
  );
}
