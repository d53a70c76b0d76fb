import type { Stage } from '../domain/stages';
import { STAGES } from '../domain/stages';
import { days } from './days';
import { share } from './flow-closings';
import type { Grouping } from './grouped';
import { medianStay } from './kaplan-meier';
import type { Stays } from './kaplan-meier';

/** From a stage to the next: of the stays that began in the period, how many had moved on by its end. */
export interface Conversion {
  readonly from: Stage;
  readonly to: Stage | 'S';
  readonly entered: number;
  readonly advanced: number;
  readonly regressed: number;
  readonly lost: number;
  readonly rate: number | null;
}

/** How long deals stayed in a stage; stages passed in one moment and stays that an import assumed are left out. */
export interface TimeInStage {
  readonly stage: Stage;
  /** Stays that ended in the period. */
  readonly ended: number;
  /** Stays that had not ended by its end. */
  readonly ongoing: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly p90: number | null;
  /** Median with the ongoing stays counted as lasting at least as long as seen (Kaplan–Meier). */
  readonly medianWithOngoing: number | null;
}

export interface ConversionRow {
  readonly stage: Stage;
  readonly entered: number;
  readonly advanced: number;
  readonly regressed: number;
  readonly lost: number;
}

export const conversionsSql = (source: string, group: Grouping): string => `
  select ${group.columns}, stage,
         count(*) filter (where entry) as entered,
         count(*) filter (where not entry and kind in ('advanced', 'won')) as advanced,
         count(*) filter (where not entry and kind = 'regressed') as regressed,
         count(*) filter (where not entry and kind = 'lost') as lost
    from (select key, gid, label, kind, stage_to as stage, true as entry
            from ${source} as d where effective_at >= $1 and stage_to is not null
          union all
          select key, gid, label, kind, stage_from, false
            from ${source} as d where entered_at >= $1 and stage_from is not null) as stays
   group by grouping sets (${group.sets('stage')})`;

export function conversionsOf(rows: readonly ConversionRow[]): readonly Conversion[] {
  return STAGES.map((from, index): Conversion => {
    const row = rows.find(({ stage }) => stage === from);
    const { entered = 0, advanced = 0, regressed = 0, lost = 0 } = row ?? {};
    const to = STAGES[index + 1] ?? 'S';
    return { from, to, entered, advanced, regressed, lost, rate: share(advanced, entered) };
  });
}

/** A stage's figures (`days` null) or the number of its stays of one length. */
export interface StayRow {
  readonly stage: Stage;
  readonly days: number | null;
  readonly ended: number;
  readonly mean: number | null;
  readonly median: number | null;
  readonly p90: number | null;
}

export const staysSql = (source: string, group: Grouping): string => `
  select ${group.columns}, stage, case when grouping(days) = 0 then days end as days,
         count(*) as ended, avg(exact) as mean,
         percentile_cont(0.5) within group (order by exact) as median,
         percentile_cont(0.9) within group (order by exact) as p90
    from (select key, gid, label, stage_from as stage,
                 extract(epoch from effective_at - entered_at)::float8 / 86400 as exact,
                 round(extract(epoch from effective_at - entered_at) / 86400, 1)::float8 as days
            from ${source} as d
           where effective_at >= $1 and stage_from is not null and effective_at > entered_at and assumed_stay is not true) as stays
   group by grouping sets (${group.sets('stage')}, ${group.sets('stage', 'days')})`;

/** Stays of one length that were still going on. */
export interface OngoingRow {
  readonly stage: Stage;
  readonly days: number;
  readonly ongoing: number;
}

export const ongoingSql = (source: string, group: Grouping): string => `
  select ${group.columns}, stage, days, count(*) as ongoing
    from (select key, gid, label, stage,
                 round(extract(epoch from $1::timestamptz - stage_entered_at) / 86400, 1)::float8 as days
            from ${source} as d where stage_assumed is not true) as stays
   group by grouping sets (${group.sets('stage', 'days')})`;

export function staysOf(rows: readonly StayRow[], open: readonly OngoingRow[]): readonly TimeInStage[] {
  return STAGES.map((stage): TimeInStage => {
    const figures = rows.find((row) => row.stage === stage && row.days === null);
    const ended = rows.flatMap((row): Stays[] =>
      row.stage === stage && row.days !== null ? [{ days: row.days, ended: row.ended, ongoing: 0 }] : [],
    );
    const ongoing = open.filter((row) => row.stage === stage);
    return {
      stage,
      ended: figures?.ended ?? 0,
      ongoing: ongoing.reduce((sum, row) => sum + row.ongoing, 0),
      mean: days(figures?.mean),
      median: days(figures?.median),
      p90: days(figures?.p90),
      medianWithOngoing: medianStay([
        ...ended,
        ...ongoing.map((row): Stays => ({ days: row.days, ended: 0, ongoing: row.ongoing })),
      ]),
    };
  });
}
