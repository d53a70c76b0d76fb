import type { Instant } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { CommaList, Filters, IsCurrencyCode } from '@guanxi/querying';
import { Transform } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsNumber, IsOptional, IsString, Length, Max, Min } from 'class-validator';
import { ACQUISITION_CHANNELS, KINDS, PARTIES } from '../domain/vocabulary';
import type { ChurnCounts, ChurnFigures, Loss } from './churn-figures';
import { churnFigures } from './churn-figures';
import type { Split } from './churn-split';
import { sellerJoin, splitBy } from './churn-split';
import { customers } from './customers';
import type { Period } from './period';
import { PeriodParameters, during, periodBefore, periodOf, yearBefore } from './period';
import { roomToSort } from './work-memory';

/** Which customers churn history is about, by what it is split, and what a lost unit of revenue costs. */
export class ChurnParameters extends PeriodParameters {
  /** `kind`, `party`, `industry`, `region`, `sizeBand`, `owner`, `department`, `product`, `channel`, `dataSource`, `language`, `cause`, `responsible`, `destination`, `tenure` or `attributes.<name>`; several between commas. */
  @IsOptional() @CommaList() @ArrayMaxSize(4) @IsString({ each: true }) readonly by?: string[];
  /** Seller: id or externalRef. */
  @IsOptional() @IsString() @Length(1, 200) readonly owner?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly region?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly industry?: string;
  @IsOptional() @IsString() @Length(1, 200) readonly sizeBand?: string;
  /** Among the product interests. */
  @IsOptional() @IsString() @Length(1, 200) readonly product?: string;
  @IsOptional() @IsIn(KINDS) readonly kind?: string;
  @IsOptional() @IsIn(PARTIES) readonly party?: string;
  @IsOptional() @IsIn(ACQUISITION_CHANNELS) readonly channel?: string;
  /** Only customers whose yearly revenue is in this currency. */
  @IsOptional() @IsCurrencyCode() readonly currency?: string;
  /** Share of the lost revenue that is lost profit: what churnLoss is reckoned with. */
  @Transform(({ value }: { value: unknown }) => (value === '' ? NaN : Number(value)))
  @IsNumber()
  @Min(0)
  @Max(1)
  readonly margin: number = 1;
}

export interface ChurnGroup extends ChurnFigures {
  readonly key: string;
  readonly id?: string;
  readonly label: string;
}

interface ComparedFigures extends ChurnFigures {
  readonly from: Instant;
  readonly to: Instant;
}

export interface ChurnHistory {
  readonly from: Instant;
  readonly to: Instant;
  readonly margin: number;
  readonly total: ChurnFigures;
  readonly groups: readonly ChurnGroup[];
  /** The period of the same length before; null where nobody was known yet. */
  readonly previous: ComparedFigures | null;
  /** The same period a year earlier; null where nobody was known yet. */
  readonly lastYear: ComparedFigures | null;
}

/**
 * Churn history of [from, to) (D26). Who belongs to which group is told by the customer as it was at the end of the
 * period; a figure of the past that is asked for later therefore stays what it was.
 */
export async function churnHistory(snapshot: Snapshot, parameters: ChurnParameters): Promise<ChurnHistory> {
  const period = periodOf(parameters, snapshot.asOf);
  const { by, margin } = parameters;
  await roomToSort(snapshot);
  const total = await figuresOf(snapshot, period, parameters);
  const groups =
    by === undefined ? [] : await groupsOf(snapshot, period, parameters, splitBy(by, snapshot, period));
  return {
    from: period.from,
    to: period.to,
    margin,
    total,
    groups,
    previous: await compared(snapshot, periodBefore(period), parameters),
    lastYear: await compared(snapshot, yearBefore(period), parameters),
  };
}

async function compared(
  snapshot: Snapshot,
  period: Period,
  parameters: ChurnParameters,
): Promise<ComparedFigures | null> {
  const [row] = await snapshot.rows<{ known: boolean }>(
    `select exists (select 1 from ${snapshot.of(customers, period.end)} c) as known`,
  );
  if (!row?.known) return null;
  return { from: period.from, to: period.to, ...(await figuresOf(snapshot, period, parameters)) };
}

const whole: Split = { joins: [], key: `''`, id: 'null::text', label: `''` };

async function figuresOf(
  snapshot: Snapshot,
  period: Period,
  parameters: ChurnParameters,
): Promise<ChurnFigures> {
  const [group] = await groupsOf(snapshot, period, parameters, whole);
  if (!group) return churnFigures({ closing: 0, new: 0, returned: 0, lost: 0 }, [], parameters);
  const { key: _key, label: _label, id: _id, ...figures } = group;
  return figures;
}

interface GroupRow {
  readonly key: string;
  readonly id: string | null;
  readonly label: string;
}

async function groupsOf(
  snapshot: Snapshot,
  period: Period,
  parameters: ChurnParameters,
  split: Split,
): Promise<readonly ChurnGroup[]> {
  const filters = filtersOf(parameters);
  const group = `${split.key} as key, ${split.id} as id, ${split.label} as label`;
  const ownJoins = parameters.owner === undefined ? [] : [sellerJoin(snapshot)];
  const joined = [...new Set([...ownJoins, ...split.joins])].join('\n');
  const at = snapshot.of(customers, period.end);
  const moved = `(select * from ${snapshot.movementsOf(customers)} m where ${during(period, 'm')})`;
  const counts = await snapshot.rows<GroupRow & ChurnCounts>(
    `select key, id, label, count(*) filter (where active) as closing, coalesce(sum(new), 0) as new,
            coalesce(sum(returned), 0) as returned, coalesce(sum(lost), 0) as lost
       from (select ${group}, c.status = 'active' as active, m.new, m.returned, m.lost
               from ${at} c
               left join (select id, count(*) filter (where kind = 'new') as new,
                                 count(*) filter (where kind = 'returned') as returned,
                                 count(*) filter (where kind = 'lost') as lost
                            from ${moved} as moved group by id) m on m.id = c.id
               ${joined}
              where (c.status = 'active' or m.id is not null) and ${filters.where()}) as counted
      group by key, id, label
      order by key, id`,
    filters.values,
  );
  const losses = await snapshot.rows<GroupRow & Loss>(
    `select ${group}, m.cause, m.controllable, m.responsible, m.destination, m.currency,
            count(*) as count, sum(m.revenue_lost) as revenue
       from ${moved} m join ${at} c on c.id = m.id ${joined}
      where m.kind = 'lost' and ${filters.where()}
      group by 1, 2, 3, m.cause, m.controllable, m.responsible, m.destination, m.currency`,
    filters.values,
  );
  const lossesOf = new Map<string, Loss[]>();
  for (const loss of losses) lossesOf.set(nameOf(loss), [...(lossesOf.get(nameOf(loss)) ?? []), loss]);
  return counts.map((row) => ({
    key: row.key,
    ...(row.id === null ? {} : { id: row.id }),
    label: row.label,
    ...churnFigures(row, lossesOf.get(nameOf(row)) ?? [], parameters),
  }));
}

const nameOf = ({ key, id }: GroupRow): string => JSON.stringify([key, id]);

const filtersOf = (parameters: ChurnParameters): Filters =>
  new Filters()
    .anyEquals(['c.owner', 's.external_ref'], parameters.owner)
    .equals('c.region', parameters.region)
    .equals('c.industry', parameters.industry)
    .equals('c.size_band', parameters.sizeBand)
    .that('? = any(c.product_interests)', parameters.product)
    .equals('c.kind', parameters.kind)
    .equals('c.party', parameters.party)
    .equals('c.channel', parameters.channel)
    .equals('coalesce(c.revenue_lost_currency, c.currency)', parameters.currency);
