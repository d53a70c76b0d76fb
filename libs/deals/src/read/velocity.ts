import type { Money } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { amount } from './amounts';
import { deals } from './deals';
import type { DealSelection } from './dimensions';
import { select } from './dimensions';
import type { Closings } from './flow-closings';

/**
 * Pipeline velocity (D9): open qualified deals x win rate x mean won value ÷ mean cycle days of the won.
 * Null where the period has no won deal to learn from.
 */
export async function velocity(
  snapshot: Snapshot,
  selection: DealSelection,
  { winRate, meanWonValue, cycleDays }: Closings,
  currency: string,
): Promise<{ readonly qualified: number; readonly perDay: Money | null }> {
  const { joins, filters } = select(snapshot, { ...selection, by: undefined });
  const [row] = await snapshot.rows<{ qualified: number }>(
    `select count(*) as qualified from ${snapshot.of(deals)} d ${joins}
      where d.status = 'open' and d.stage in ('B', 'A') and ${filters.where()}`,
    filters.values,
  );
  const qualified = row?.qualified ?? 0;
  const days = cycleDays.won.mean;
  const perDay =
    winRate === null || meanWonValue === null || !days
      ? null
      : (qualified * winRate * meanWonValue.amount) / days;
  return { qualified, perDay: perDay === null ? null : amount(perDay, currency) };
}
