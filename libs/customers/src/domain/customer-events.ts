import type { Static, TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { EventOf } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import { Assumed, Attributes, Id, LongText, Price, ShortText, oneOf } from './schemas';
import {
  ACQUISITION_CHANNELS,
  DATA_SOURCES,
  KINDS,
  LOSS_CAUSES,
  PARTIES,
  REFERRAL_KINDS,
  RELATIONSHIPS,
  RESPONSIBLE_SIDES,
} from './vocabulary';

const Acquisition = Type.Object({
  channel: oneOf(ACQUISITION_CHANNELS),
  referredBy: Type.Optional(Id),
  referralKind: Type.Optional(oneOf(REFERRAL_KINDS)),
});

/** Fields of the customer file that may be empty. */
const fileFields = {
  name: ShortText,
  party: oneOf(PARTIES),
  industry: ShortText,
  region: ShortText,
  sizeBand: ShortText,
  productInterests: Type.Array(ShortText, { maxItems: 200 }),
  language: ShortText,
  contactChannel: ShortText,
  externalRef: ShortText,
  acquisition: Acquisition,
  dataSource: oneOf(DATA_SOURCES),
  yearlyRevenue: Price,
  attributes: Attributes,
};

const optional = <T extends TSchema>(schema: T) => Type.Optional(schema);
const clearable = <T extends TSchema>(schema: T) => Type.Optional(Type.Union([schema, Type.Null()]));

const optionalFields = {
  name: optional(fileFields.name),
  party: optional(fileFields.party),
  industry: optional(fileFields.industry),
  region: optional(fileFields.region),
  sizeBand: optional(fileFields.sizeBand),
  productInterests: optional(fileFields.productInterests),
  language: optional(fileFields.language),
  contactChannel: optional(fileFields.contactChannel),
  externalRef: optional(fileFields.externalRef),
  acquisition: optional(fileFields.acquisition),
  dataSource: optional(fileFields.dataSource),
  yearlyRevenue: optional(fileFields.yearlyRevenue),
  attributes: optional(fileFields.attributes),
};

/** The customer file: what we hold on a customer beside its history. */
const CustomerProfile = Type.Object({ kind: oneOf(KINDS), ...optionalFields });
export type Profile = Static<typeof CustomerProfile>;

/** Fields that are set anew; null empties one. Absent fields stay as they are. */
const ProfileChanges = Type.Object({
  kind: Type.Optional(oneOf(KINDS)),
  name: clearable(fileFields.name),
  party: clearable(fileFields.party),
  industry: clearable(fileFields.industry),
  region: clearable(fileFields.region),
  sizeBand: clearable(fileFields.sizeBand),
  productInterests: clearable(fileFields.productInterests),
  language: clearable(fileFields.language),
  contactChannel: clearable(fileFields.contactChannel),
  externalRef: clearable(fileFields.externalRef),
  acquisition: clearable(fileFields.acquisition),
  dataSource: clearable(fileFields.dataSource),
  yearlyRevenue: clearable(fileFields.yearlyRevenue),
  attributes: clearable(fileFields.attributes),
});
export type ProfileChanges = Static<typeof ProfileChanges>;

export const customerEvents = [
  event(
    'customer-registered.v1',
    Type.Object({
      ...CustomerProfile.properties,
      /** `active`: it already was a customer at that moment. */
      relationship: oneOf(RELATIONSHIPS),
      owner: Type.Optional(Id),
    }),
  ),
  event('customer-profile-updated.v1', Type.Object({ changes: ProfileChanges })),
  event('customer-profile-corrected.v1', Type.Object({ changes: ProfileChanges, reason: LongText })),
  event('customer-owner-assigned.v1', Type.Object({ owner: Id, reason: Type.Optional(LongText) })),
  event(
    'relationship-ended.v1',
    Type.Object({
      cause: oneOf(LOSS_CAUSES),
      controllable: Type.Optional(Type.Boolean()),
      responsible: Type.Optional(oneOf(RESPONSIBLE_SIDES)),
      destination: Type.Optional(ShortText),
      yearlyRevenueLost: Type.Optional(Price),
      detectedHow: Type.Optional(LongText),
      assumed: Type.Optional(Assumed),
    }),
  ),
  event('customer-reactivated.v1', Type.Object({ reason: Type.Optional(LongText) })),
] as const;

export type CustomerEvent = EventOf<typeof customerEvents>;
