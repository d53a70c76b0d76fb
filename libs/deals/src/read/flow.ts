import type { Instant, Money } from '@guanxi/kernel';
import { invalidField, parseInstant, plusMilliseconds } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { IsInstant } from '@guanxi/querying';
import { IsOptional } from 'class-validator';
import { conversion, oneCurrency } from './amounts';
import type { CurrenciesFound } from './amounts';
import { deals } from './deals';
import { DealSelection, select } from './dimensions';
import { byGroup, groupId, groupName, groupingOf } from './grouped';
import type { GroupName, GroupRow } from './grouped';
import type { Closings } from './flow-closings';
import { closingsOf, closingsSql } from './flow-closings';
import type { Conversion } from './flow-stages';
import { conversionsOf, conversionsSql, staysOf, staysSql, ongoingSql } from './flow-stages';
import type { ConversionRow, OngoingRow, StayRow, TimeInStage } from './flow-stages';
import type { LossRow, Reason } from './flow-losses';
import { lossesSql, lostDaysOf, reasonsOf } from './flow-losses';
import type { LostDays } from './flow-losses';
import { velocity } from './velocity';

/** A period, `from` included and `to` not (left out: up to and including the as-of moment), and by what it is split; `month`, `quarter` and `year` split by closing. */
export class FlowParameters extends DealSelection {
  @IsInstant() readonly from!: string;
  @IsOptional() @IsInstant() readonly to?: string;
}

export interface Flow extends GroupName, Closings {
  readonly conversions: readonly Conversion[];
  readonly timeInStage: readonly TimeInStage[];
  readonly lostReasons: readonly Reason[];
  readonly competitors: readonly Reason[];
  /** Days that lost deals had spent in the stage at which they were lost, and each stage's share of them. */
  readonly lostDays: readonly LostDays[];
}

export interface FlowAnswer {
  readonly from: string;
  readonly to: string;
  readonly total: Flow;
  /** What the open qualified deals (B and A) bring in a day, at the period's win rate, mean value and cycle. */
  readonly velocity: { readonly qualified: number; readonly perDay: Money | null };
  readonly groups?: readonly Flow[];
}

type ClosingRow = Parameters<typeof closingsOf>[0];

/** What flowed through the pipeline in a period (D9). */
export async function flow(snapshot: Snapshot, parameters: FlowParameters): Promise<FlowAnswer> {
  const from = parseInstant(parameters.from, 'from');
  const to = parameters.to === undefined ? snapshot.asOf : parseInstant(parameters.to, 'to');
  if (to < from) throw invalidField('to', 'notBeforeFrom', `must not lie before from ${from}`);
  const converted = await conversion(snapshot, parameters.currency);
  const selected = select(snapshot, parameters, 'd.effective_at');
  const { joins, filters, key, id, label } = selected;
  const split = parameters.by !== undefined;
  const end = endOf(parameters, snapshot.asOf);
  const values = [from, end, ...filters.values];
  const source = `(select d.*, d.value * ${converted.factor} as converted, ${key} as key, ${id} as gid, ${label} as label
                     from ${snapshot.movementsOf(deals)} d ${joins}
                    where d.effective_at >= $1 and d.effective_at <= $2 and ${filters.where(3)})`;
  const group = groupingOf(split);
  const closings = await snapshot.rows<ClosingRow & GroupRow & CurrenciesFound>(
    closingsSql(source, group),
    values,
  );
  const conversions = await snapshot.rows<ConversionRow & GroupRow>(conversionsSql(source, group), values);
  const stays = await snapshot.rows<StayRow & GroupRow>(staysSql(source, group), values);
  const losses = await snapshot.rows<LossRow & GroupRow>(lossesSql(source, group), values);
  const ongoing = await ongoingStays(snapshot, parameters, end, to);
  const whole = closings.find((row) => row.whole === 1);
  const currency = oneCurrency(whole ?? { lowest: null, highest: null, unconverted: 0 }, converted);
  const pick = (name: GroupName, of: string | null): Flow => {
    const own = <R extends GroupRow>(rows: readonly R[]): readonly R[] =>
      rows.filter((row) => (of === null ? row.whole === 1 : row.whole === 0 && groupId(row) === of));
    const lost = own(losses);
    return {
      ...name,
      ...closingsOf(own(closings)[0], currency),
      conversions: conversionsOf(own(conversions)),
      timeInStage: staysOf(own(stays), own(ongoing)),
      lostReasons: reasonsOf(lost, 'reason'),
      competitors: reasonsOf(lost, 'competitor'),
      lostDays: lostDaysOf(lost),
    };
  };
  const total = pick({ key: 'total', label: 'total' }, null);
  const answer = { from, to, total, velocity: await velocity(snapshot, parameters, total, currency) };
  if (!split) return answer;
  const names = new Map([...byGroup([...closings, ...conversions])].map(([of, rows]) => [of, rows[0]]));
  const groups = [...names].flatMap(([of, row]) => (row ? [pick(groupName(row), of)] : []));
  return { ...answer, groups: groups.sort(splitByPeriod(parameters) ? byKey : byClosings) };
}

/**
 * The last moment that counts. What ends at the as-of moment itself has ended: it must be among what ended, since it is
 * not among what goes on.
 */
function endOf({ to }: FlowParameters, asOf: Instant): Instant {
  const last = to === undefined ? asOf : plusMilliseconds(parseInstant(to, 'to'), -1);
  return last < asOf ? last : asOf;
}

const splitByPeriod = ({ by }: FlowParameters): boolean => /^(month|quarter|year)$/.test(by ?? '');

const byKey = (a: Flow, b: Flow): number => (a.key < b.key ? -1 : 1);

const byClosings = (a: Flow, b: Flow): number =>
  b.won.value.amount - a.won.value.amount || b.won.count - a.won.count || byKey(a, b);

/** Stays that had not ended by the end of the period. A split by period has no place for them. */
async function ongoingStays(
  snapshot: Snapshot,
  parameters: FlowParameters,
  end: Instant,
  to: Instant,
): Promise<readonly (OngoingRow & GroupRow)[]> {
  const byPeriod = splitByPeriod(parameters);
  const seenTo = to < snapshot.asOf ? to : snapshot.asOf;
  const { joins, filters, key, id, label } = select(
    snapshot,
    byPeriod ? { ...parameters, by: undefined } : parameters,
  );
  const source = `(select d.*, ${key} as key, ${id} as gid, ${label} as label
                     from ${snapshot.of(deals, end)} d ${joins}
                    where d.status = 'open' and ${filters.where(2)})`;
  const split = parameters.by !== undefined && !byPeriod;
  return snapshot.rows(ongoingSql(source, groupingOf(split)), [seenTo, ...filters.values]);
}
