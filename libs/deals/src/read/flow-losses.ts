import type { Stage } from '../domain/stages';
import { STAGES } from '../domain/stages';
import { share } from './flow-closings';
import type { Grouping } from './grouped';

/** Why deals were lost, or to whom. */
export interface Reason {
  readonly reason: string;
  readonly count: number;
  readonly share: number | null;
}

/** Days that lost deals had spent in the stage at which they were lost. */
export interface LostDays {
  readonly stage: Stage;
  readonly days: number;
  readonly share: number | null;
}

export interface LossRow {
  readonly what: 'reason' | 'competitor' | 'stage';
  readonly name: string;
  readonly count: number;
  readonly days: number | null;
}

export const lossesSql = (source: string, group: Grouping): string => `
  select ${group.columns}, what, name, sum(count) as count, sum(days) as days
    from (select key, gid, label, what, name, -d.count as count,
                 case when what = 'stage'
                      then extract(epoch from effective_at - entered_at)::float8 / 86400 end as days
            from ${source} as d
           cross join lateral (values ('reason', coalesce(d.reason, '(unknown)')),
                                      ('competitor', d.competitor), ('stage', d.stage_from)) as facts (what, name)
           where effective_at >= $1 and kind = 'lost' and d.count <> 0 and name is not null) as losses
   group by grouping sets (${group.sets('what', 'name')})`;

export function reasonsOf(rows: readonly LossRow[], what: 'reason' | 'competitor'): readonly Reason[] {
  const own = rows.filter((row) => row.what === what);
  const lost = rows.filter((row) => row.what === 'reason').reduce((sum, { count }) => sum + count, 0);
  return own
    .map(({ name, count }): Reason => ({ reason: name, count, share: share(count, lost) }))
    .sort((a, b) => b.count - a.count || (a.reason < b.reason ? -1 : 1));
}

export function lostDaysOf(rows: readonly LossRow[]): readonly LostDays[] {
  const own = rows.filter((row) => row.what === 'stage');
  const all = own.reduce((sum, { days }) => sum + (days ?? 0), 0);
  return STAGES.map((stage): LostDays => {
    const days = own.find(({ name }) => name === stage)?.days ?? 0;
    return { stage, days, share: share(days, all) };
  });
}
