import type { Instant, Money } from '@guanxi/kernel';
import { invalidField, parseInstant } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { IsInstant } from '@guanxi/querying';
import { IsOptional } from 'class-validator';
import { amount, conversion, oneCurrency } from './amounts';
import type { Conversion, CurrenciesFound } from './amounts';
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

interface OpeningRow extends CurrenciesFound {
  readonly count: number;
  readonly value: number | null;
}

interface WaterfallRow extends OpeningRow {
  readonly kind: MovementKind;
  readonly moves: number;
  readonly moved: number | null;
}

/**
 * What changed between the board as of `from` and the board as of `to` (D9): movements that took effect after
 * `from` and not after `to`. The opening is the board of then, which is what all movements up to then add up to, however
 * many there were; opening plus movements is the closing, exactly. Deals are selected by what sellers, products and
 * customers were at `to`; what that takes in or leaves out of the opening, as it was selected then, is `reassigned`.
 */
export async function waterfall(snapshot: Snapshot, parameters: WaterfallParameters): Promise<Waterfall> {
  const from = parseInstant(parameters.from, 'from');
  const to = parameters.to === undefined ? snapshot.asOf : parseInstant(parameters.to, 'to');
  if (to < from) throw invalidField('to', 'notBeforeFrom', `must not lie before from ${from}`);
  const end = to < snapshot.asOf ? to : snapshot.asOf;
  const converted = await conversion(snapshot, parameters.currency);
  const start = from < end ? from : end;
  const atEnd = snapshot.at(end);
  const rows = await moves(atEnd, parameters, converted, from);
  const openingNow = await opening(atEnd, start, parameters, converted);
  const currency = oneCurrency(currenciesOf([...rows, openingNow]), converted);
  const selectedThen = isFiltered(parameters)
    ? await opening(snapshot.at(start), start, parameters, converted)
    : openingNow;
  const taken = {
    count: openingNow.count - selectedThen.count,
    value: (openingNow.value ?? 0) - (selectedThen.value ?? 0),
  };
  const movements = MOVEMENT_KINDS.map((kind): Movement => {
    const row = rows.find((candidate) => candidate.kind === kind);
    const more = kind === 'reassigned' ? taken : { count: 0, value: 0 };
    return {
      kind,
      count: (row?.count ?? 0) + more.count,
      value: amount((row?.value ?? 0) + more.value, currency),
      moves: row?.moves ?? 0,
      moved: amount(row?.moved ?? 0, currency),
    };
  });
  const before = { count: selectedThen.count, value: amount(selectedThen.value ?? 0, currency) };
  return {
    from,
    to,
    opening: before,
    movements,
    closing: {
      count: movements.reduce((sum, { count }) => sum + count, before.count),
      value: amount(
        movements.reduce((sum, { value }) => sum + value.amount, before.value.amount),
        currency,
      ),
    },
  };
}

/** Sums by kind of what took effect after `from` and up to the snapshot's moment. */
function moves(
  snapshot: Snapshot,
  parameters: WaterfallParameters,
  { factor }: Conversion,
  from: Instant,
): Promise<readonly WaterfallRow[]> {
  const { joins, filters } = select(snapshot, parameters);
  return snapshot.rows<WaterfallRow>(
    `select d.kind, sum(d.count) as count, sum(d.value * ${factor}) as value,
            count(*) as moves, sum(d.amount * ${factor}) as moved,
            min(d.currency) as lowest, max(d.currency) as highest,
            count(*) filter (where ${factor} is null) as unconverted
       from ${snapshot.movementsOf(deals)} d ${joins}
      where d.effective_at > $1 and ${filters.where(2)}
      group by 1`,
    [from, ...filters.values],
  );
}

/** The deals that were open at `start`, selected by what sellers, products and customers were at the snapshot's moment. */
async function opening(
  snapshot: Snapshot,
  start: Instant,
  parameters: WaterfallParameters,
  { factor }: Conversion,
): Promise<OpeningRow> {
  const { joins, filters } = select(snapshot, parameters);
  const [row] = await snapshot.rows<OpeningRow>(
    `select count(*) as count, sum(d.value * ${factor}) as value,
            min(d.currency) as lowest, max(d.currency) as highest,
            count(*) filter (where ${factor} is null) as unconverted
       from ${snapshot.of(deals, start)} d ${joins}
      where d.status = 'open' and ${filters.where(1)}`,
    filters.values,
  );
  return row ?? { count: 0, value: null, lowest: null, highest: null, unconverted: 0 };
}

const isFiltered = ({ owner, region, product, customer, tier }: WaterfallParameters): boolean =>
  [owner, region, product, customer, tier].some((filter) => filter !== undefined);

function currenciesOf(rows: readonly CurrenciesFound[]): CurrenciesFound {
  const codes = rows.flatMap(({ lowest, highest }) => [lowest, highest]).filter((code) => code !== null);
  codes.sort();
  return {
    lowest: codes[0] ?? null,
    highest: codes.at(-1) ?? null,
    unconverted: rows.reduce((sum, { unconverted }) => sum + unconverted, 0),
  };
}
