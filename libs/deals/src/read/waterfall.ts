import type { Instant, Money } from '@guanxi/kernel';
import { invalidField, parseInstant } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { IsInstant } from '@guanxi/querying';
import { IsOptional } from 'class-validator';
import { amount, conversion, oneCurrency } from './amounts';
import type { CurrenciesFound } from './amounts';
import type { MovementKind } from './deal-movements';
import { MOVEMENT_KINDS } from './deal-movements';
import { deals } from './deals';
import { DealSelection, select } from './dimensions';

/** Two moments; the later one is the as-of moment where it is left out. */
export class WaterfallParameters extends DealSelection {
  @IsInstant() readonly from!: string;
  @IsOptional() @IsInstant() readonly to?: string;
}

export interface Movement {
  readonly kind: MovementKind;
  /** Signed effect on the number of open deals and on their value. */
  readonly count: number;
  readonly value: Money;
  /** How many movements of this kind there were, and the value of the deals that moved. */
  readonly moves: number;
  readonly moved: Money;
}

export interface Waterfall {
  readonly from: Instant;
  readonly to: Instant;
  readonly opening: { readonly count: number; readonly value: Money };
  readonly movements: readonly Movement[];
  readonly closing: { readonly count: number; readonly value: Money };
}

interface WaterfallRow extends CurrenciesFound {
  readonly kind: MovementKind | 'opening';
  readonly count: number;
  readonly value: number | null;
  readonly moves: number;
  readonly moved: number | null;
}

/**
 * What changed between the board as of `from` and the board as of `to` (D9): movements that took effect after
 * `from` and not after `to`. Opening plus movements is the closing, exactly, since all three are sums of the same
 * signed contributions.
 */
export async function waterfall(snapshot: Snapshot, parameters: WaterfallParameters): Promise<Waterfall> {
  const from = parseInstant(parameters.from, 'from');
  const to = parameters.to === undefined ? snapshot.asOf : parseInstant(parameters.to, 'to');
  if (to < from) throw invalidField('to', 'notBeforeFrom', `must not lie before from ${from}`);
  const converted = await conversion(snapshot, parameters.currency);
  const { joins, filters } = select(snapshot, parameters);
  const rows = await snapshot.rows<WaterfallRow>(
    `select case when d.effective_at <= $1 then 'opening' else d.kind end as kind,
            sum(d.count) as count, sum(d.value * ${converted.factor}) as value,
            count(*) as moves, sum(d.amount * ${converted.factor}) as moved,
            min(d.currency) as lowest, max(d.currency) as highest,
            count(*) filter (where ${converted.factor} is null) as unconverted
       from ${snapshot.movementsOf(deals)} d ${joins}
      where d.effective_at <= $2 and ${filters.where(3)}
      group by 1`,
    [from, to, ...filters.values],
  );
  const currency = oneCurrency(currenciesOf(rows), converted);
  const opening = rows.find(({ kind }) => kind === 'opening');
  const movements = MOVEMENT_KINDS.map((kind): Movement => {
    const row = rows.find((candidate) => candidate.kind === kind);
    return {
      kind,
      count: row?.count ?? 0,
      value: amount(row?.value ?? 0, currency),
      moves: row?.moves ?? 0,
      moved: amount(row?.moved ?? 0, currency),
    };
  });
  const start = { count: opening?.count ?? 0, value: amount(opening?.value ?? 0, currency) };
  return {
    from,
    to,
    opening: start,
    movements,
    closing: {
      count: movements.reduce((sum, { count }) => sum + count, start.count),
      value: amount(
        movements.reduce((sum, { value }) => sum + value.amount, start.value.amount),
        currency,
      ),
    },
  };
}

function currenciesOf(rows: readonly CurrenciesFound[]): CurrenciesFound {
  const codes = rows.flatMap(({ lowest, highest }) => [lowest, highest]).filter((code) => code !== null);
  codes.sort();
  return {
    lowest: codes[0] ?? null,
    highest: codes.at(-1) ?? null,
    unconverted: rows.reduce((sum, { unconverted }) => sum + unconverted, 0),
  };
}
