import type { Money } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import type { Stage } from '../domain/stages';
import { NORM_DAYS, PROBABILITY, STAGES } from '../domain/stages';
import { amount, conversion, oneCurrency } from './amounts';
import type { CurrenciesFound } from './amounts';
import { days } from './days';
import { deals } from './deals';
import type { DealSelection } from './dimensions';
import { select } from './dimensions';
import type { GroupName, GroupRow } from './grouped';
import { byGroup, groupName, groupingOf } from './grouped';

/** Days after which an open deal is due for review. */
const REVIEW_DAYS = 7;

export interface StageFigures {
  readonly stage: Stage;
  readonly count: number;
  readonly value: Money;
  /** Value times the stage's probability. */
  readonly weighted: Money;
  readonly ageDays: { readonly mean: number | null; readonly p90: number | null };
  /** Longer in the stage than its norm. */
  readonly stalled: number;
  /** Not reviewed or moved for more than seven days. */
  readonly reviewDue: number;
  /** Expected close date passed or put off. */
  readonly slipped: number;
}

type TotalFigures = Omit<StageFigures, 'stage'>;

export interface Board {
  readonly stages: readonly StageFigures[];
  /** All open deals, opportunities included. */
  readonly total: TotalFigures;
  /** Stages D to A alone: an opportunity is no prospect. */
  readonly prospects: Pick<StageFigures, 'count' | 'value' | 'weighted'>;
}

export interface BoardAnswer extends Board {
  readonly groups?: readonly (GroupName & Board)[];
}

interface BoardRow extends CurrenciesFound, GroupRow {
  /** 0 when the row is about one stage, 1 when about all. */
  readonly all: number;
  readonly stage: Stage;
  readonly count: number;
  readonly value: number | null;
  readonly mean: number | null;
  readonly p90: number | null;
  readonly stalled: number;
  readonly reviewDue: number;
  readonly slipped: number;
}

const norms = STAGES.map((stage) => `when '${stage}' then ${NORM_DAYS[stage]}`).join(' ');

/** The board of open deals at the snapshot's moment, whole and by group (D8). */
export async function board(snapshot: Snapshot, selection: DealSelection): Promise<BoardAnswer> {
  const converted = await conversion(snapshot, selection.currency);
  const { joins, filters, key, id, label } = select(snapshot, selection);
  const grouping = groupingOf(selection.by !== undefined);
  const rows = await snapshot.rows<BoardRow>(
    `select ${grouping.columns}, stage, grouping(stage) as all,
            count(*) as count, sum(value) as value, avg(age) as mean,
            percentile_cont(0.9) within group (order by age) as p90,
            count(*) filter (where age > case stage ${norms} end) as stalled,
            count(*) filter (where unseen > ${REVIEW_DAYS}) as "reviewDue",
            count(*) filter (where slipped) as slipped,
            min(currency) as lowest, max(currency) as highest,
            count(*) filter (where value is null) as unconverted
       from (select d.stage, d.currency, d.value * ${converted.factor} as value,
                    ${key} as key, ${id} as gid, ${label} as label,
                    extract(epoch from $1::timestamptz - d.stage_entered_at)::float8 / 86400 as age,
                    extract(epoch from $1::timestamptz - d.moved_at)::float8 / 86400 as unseen,
                    (d.times_slipped > 0 or d.expected_close_on < ($1::timestamptz at time zone 'UTC')::date) as slipped
               from ${snapshot.of(deals)} d ${joins}
              where d.status = 'open' and ${filters.where(2)}) as open
      group by grouping sets (${grouping.sets('stage')}, ${grouping.sets()})`,
    [snapshot.asOf, ...filters.values],
  );
  const whole = rows.filter((row) => row.whole === 1);
  const all = whole.find((row) => row.all === 1);
  const currency = oneCurrency(all ?? { lowest: null, highest: null, unconverted: 0 }, converted);
  const answer = boardOf(whole, currency);
  if (selection.by === undefined) return answer;
  const groups = [...byGroup(rows).values()].flatMap((own) =>
    own[0] ? [{ ...groupName(own[0]), ...boardOf(own, currency) }] : [],
  );
  return { ...answer, groups: groups.sort((a, b) => b.total.value.amount - a.total.value.amount) };
}

function boardOf(rows: readonly BoardRow[], currency: string): Board {
  const stages = STAGES.map((stage): StageFigures => {
    const row = rows.find((candidate) => candidate.all === 0 && candidate.stage === stage);
    return { stage, ...figuresOf(row, currency, PROBABILITY[stage] * (row?.value ?? 0)) };
  });
  const weighted = stages.reduce((sum, stage) => sum + stage.weighted.amount, 0);
  const prospects = stages.filter(({ stage }) => stage !== 'E');
  return {
    stages,
    total: figuresOf(
      rows.find((candidate) => candidate.all === 1),
      currency,
      weighted,
    ),
    prospects: {
      count: prospects.reduce((sum, { count }) => sum + count, 0),
      value: amount(
        prospects.reduce((sum, { value }) => sum + value.amount, 0),
        currency,
      ),
      weighted: amount(weighted, currency),
    },
  };
}

function figuresOf(row: BoardRow | undefined, currency: string, weighted: number): TotalFigures {
  return {
    count: row?.count ?? 0,
    value: amount(row?.value ?? 0, currency),
    weighted: amount(weighted, currency),
    ageDays: { mean: days(row?.mean), p90: days(row?.p90) },
    stalled: row?.stalled ?? 0,
    reviewDue: row?.reviewDue ?? 0,
    slipped: row?.slipped ?? 0,
  };
}
