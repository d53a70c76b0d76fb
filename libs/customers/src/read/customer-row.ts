import type { Instant } from '@guanxi/kernel';
import type { Columns } from '@guanxi/projections';
import type { Profile } from '../domain/customer-events';
import { compact } from '../domain/profile';
import type { LossCause } from '../domain/vocabulary';

type Acquisition = NonNullable<Profile['acquisition']>;

/** A customer as lists and figures see it. Amounts in minor units of the currency beside them. */
export interface CustomerRow {
  readonly name?: string;
  /** Absent for the time before the file was opened, of which only a purchase or a won deal is known. */
  readonly kind?: Profile['kind'];
  readonly party?: Profile['party'];
  readonly industry?: string;
  readonly region?: string;
  readonly sizeBand?: string;
  readonly productInterests?: readonly string[];
  readonly language?: string;
  readonly contactChannel?: string;
  readonly externalRef?: string;
  /** Acquisition channel. */
  readonly channel?: Acquisition['channel'];
  readonly referredBy?: string;
  readonly referralKind?: Acquisition['referralKind'];
  readonly dataSource?: Profile['dataSource'];
  readonly owner?: string;
  readonly yearlyRevenue?: number;
  readonly currency?: string;
  readonly attributes?: Readonly<Record<string, string | number | boolean>>;
  readonly status: 'prospect' | 'active' | 'lost';
  readonly registeredAt?: Instant;
  /** First purchase or won deal, or registration as a customer that already was one. */
  readonly activeSince?: Instant;
  readonly firstPurchaseAt?: Instant;
  /** When the relationship ended; absent again after a return. */
  readonly lostAt?: Instant;
  readonly returnedAt?: Instant;
  readonly cause?: LossCause;
  readonly controllable?: boolean;
  readonly responsible?: string;
  readonly destination?: string;
  readonly revenueLost?: number;
  readonly revenueLostCurrency?: string;
}

export const customerColumns: Columns<CustomerRow> = {
  name: 'text',
  kind: 'text',
  party: 'text',
  industry: 'text',
  region: 'text',
  sizeBand: 'text',
  productInterests: 'text[]',
  language: 'text',
  contactChannel: 'text',
  externalRef: 'text',
  channel: 'text',
  referredBy: 'uuid',
  referralKind: 'text',
  dataSource: 'text',
  owner: 'uuid',
  yearlyRevenue: 'bigint',
  currency: 'text',
  attributes: 'jsonb',
  status: 'text',
  registeredAt: 'timestamptz',
  activeSince: 'timestamptz',
  firstPurchaseAt: 'timestamptz',
  lostAt: 'timestamptz',
  returnedAt: 'timestamptz',
  cause: 'text',
  controllable: 'boolean',
  responsible: 'text',
  destination: 'text',
  revenueLost: 'bigint',
  revenueLostCurrency: 'text',
};

/** A profile under the names of the columns; every field is named, so that an emptied one is emptied. */
export function fieldsOf(profile: Profile): Omit<CustomerRow, 'status'> {
  const { acquisition, yearlyRevenue } = profile;
  return {
    name: profile.name,
    kind: profile.kind,
    party: profile.party,
    industry: profile.industry,
    region: profile.region,
    sizeBand: profile.sizeBand,
    productInterests: profile.productInterests,
    language: profile.language,
    contactChannel: profile.contactChannel,
    externalRef: profile.externalRef,
    dataSource: profile.dataSource,
    attributes: profile.attributes,
    channel: acquisition?.channel,
    referredBy: acquisition?.referredBy,
    referralKind: acquisition?.referralKind,
    yearlyRevenue: yearlyRevenue?.amount,
    currency: yearlyRevenue?.currency,
  };
}

/** The customer file that a row shows. */
export function profileOf(row: CustomerRow): Profile {
  const { channel, referredBy, referralKind, yearlyRevenue, currency } = row;
  return {
    kind: row.kind ?? 'end',
    name: row.name,
    party: row.party,
    industry: row.industry,
    region: row.region,
    sizeBand: row.sizeBand,
    productInterests: row.productInterests && [...row.productInterests],
    language: row.language,
    contactChannel: row.contactChannel,
    externalRef: row.externalRef,
    dataSource: row.dataSource,
    attributes: row.attributes && { ...row.attributes },
    acquisition: channel && compact({ channel, referredBy, referralKind }),
    yearlyRevenue:
      yearlyRevenue === undefined || currency === undefined ? undefined : { amount: yearlyRevenue, currency },
  };
}
