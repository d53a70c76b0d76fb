import { customers } from '@guanxi/customers';
import { notFound } from '@guanxi/kernel';
import type { Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';
import type { Page } from '@guanxi/querying';
import { CommaList, Filters, ListParameters, page } from '@guanxi/querying';
import { products, sellers } from '@guanxi/steering';
import { Transform, Type } from 'class-transformer';
import { ArrayMaxSize, IsIn, IsOptional, IsString, Length, Matches } from 'class-validator';
import { HANDLING } from '../domain/handling';
import type { ComplainantType } from '../domain/vocabulary';
import { CAUSES, CHANNELS, LEVELS, SEVERITIES, STATUSES } from '../domain/vocabulary';
import type { ComplaintRow } from './complaints';
import { complaints } from './complaints';

/** One value stays one value; a repeated parameter arrives as several. */
const Several = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) =>
    value === undefined || Array.isArray(value) ? value : [value],
  );

export class ComplaintParameters extends ListParameters {
  @IsOptional() @CommaList() @IsIn(STATUSES, { each: true }) readonly status?: string[];
  /** The product as the complaint names it, or the id or external reference of one on the list. */
  @IsOptional() @IsString() @Length(1, 200) readonly product?: string;
  @IsOptional() @CommaList() @IsIn(CAUSES, { each: true }) readonly cause?: string[];
  @IsOptional() @CommaList() @IsIn(CHANNELS, { each: true }) readonly channel?: string[];
  @IsOptional() @IsString() @Length(1, 200) readonly region?: string;
  /** Id or external reference. */
  @IsOptional() @IsString() @Length(1, 200) readonly customerId?: string;
  /** Id or external reference. */
  @IsOptional() @IsString() @Length(1, 200) readonly owner?: string;
  @IsOptional() @Type(() => Number) @IsIn(SEVERITIES) readonly severity?: number;
  @IsOptional() @CommaList() @IsIn(LEVELS, { each: true }) readonly level?: string[];
  @IsOptional() @IsString() @Length(1, 200) readonly externalRef?: string;
  /** `name:value` of a custom field; may be repeated, and then all must hold. */
  @IsOptional()
  @Several()
  @ArrayMaxSize(10)
  @Matches(/^[A-Za-z]\w{0,63}:/, { each: true, message: 'must be name:value of a custom field' })
  readonly attribute?: string[];
}

export type ComplaintItem = ComplaintRow & { readonly id: string };

/** The models that the list's filters look into. */
export const listModels = [complaints, products, sellers, customers];

/** One page of complaints, the latest filed first. */
export const listComplaints = (
  snapshot: Snapshot,
  parameters: ComplaintParameters,
): Promise<Page<ComplaintItem>> =>
  page<ComplaintItem>(snapshot, {
    from: `${snapshot.of(complaints)} c`,
    select: `c.id, ${selectList(complaints.columns, 'c.')}`,
    filters: filtersOf(snapshot, parameters),
    sortable: {
      filedAt: { column: 'c.filed_at', type: 'timestamptz' },
      resolvedAt: { column: 'c.resolved_at', type: 'timestamptz' },
      closedAt: { column: 'c.closed_at', type: 'timestamptz' },
      severity: { column: 'c.severity', type: 'integer' },
      status: { column: 'c.status', type: 'text' },
    },
    defaultSort: '-filedAt',
    parameters,
    idColumn: 'c.id',
  });

function filtersOf(snapshot: Snapshot, parameters: ComplaintParameters): Filters {
  const { product, customerId, owner, attribute = [] } = parameters;
  const filters = new Filters()
    .oneOf('c.status', parameters.status)
    .oneOf('c.cause', parameters.cause)
    .oneOf('c.channel', parameters.channel)
    .oneOf('c.level', parameters.level)
    .equals('c.region', parameters.region)
    .equals('c.severity', parameters.severity)
    .equals('c.external_ref', parameters.externalRef)
    .that(`c.customer_id in (${idsOf(snapshot.of(customers))})`, customerId)
    .that(`c.owner in (${idsOf(snapshot.of(sellers))})`, owner)
    .that(
      `(c.product = ? or c.product in (
          select unnest(array[p.id::text, p.external_ref]) from ${snapshot.of(products)} p
           where p.id::text = ? or p.external_ref = ?))`,
      product,
    );
  for (const pair of attribute) {
    const colon = pair.indexOf(':');
    filters.equals(`c.attributes ->> '${pair.slice(0, colon)}'`, pair.slice(colon + 1));
  }
  return filters;
}

const idsOf = (rows: string): string =>
  `select n.id from ${rows} n where n.id::text = ? or n.external_ref = ?`;

/** A complaint with what helps with a complainant of its type. */
export type ComplaintFile = ComplaintItem & { readonly handling?: readonly string[] };

/**
 * One complaint as it stood at the moment asked for.
 * @throws DomainError `complaint.unknown` when there was none
 */
export async function oneComplaint(snapshot: Snapshot, id: string): Promise<ComplaintFile> {
  const [row] = await snapshot.rows<ComplaintItem & { readonly complainantType: ComplainantType | null }>(
    `select c.id, ${selectList(complaints.columns, 'c.')} from ${snapshot.of(complaints)} c where c.id = $1`,
    [id],
  );
  if (!row) throw notFound('complaint.unknown', 'there is no such complaint at this moment');
  return row.complainantType === null ? row : { ...row, handling: HANDLING[row.complainantType] };
}
