import type { Publication } from '@guanxi/publishing';
import { PublicAssumed, PublicId, PublicMoney, oneOfWords, publicEventsOf } from '@guanxi/publishing';
import type { TSchema } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import type { CustomerEvent } from '../domain/customer-events';
import samples from '../domain/customers.samples.json';
import {
  ACQUISITION_CHANNELS,
  DATA_SOURCES,
  KINDS,
  LOSS_CAUSES,
  PARTIES,
  REFERRAL_KINDS,
  RELATIONSHIPS,
  RESPONSIBLE_SIDES,
} from '../domain/vocabulary';

const publish = publicEventsOf<CustomerEvent>('customer');

const Kind = oneOfWords(KINDS);
const Party = oneOfWords(PARTIES);
const DataSource = oneOfWords(DATA_SOURCES);
const Acquisition = Type.Object({
  channel: oneOfWords(ACQUISITION_CHANNELS),
  referredBy: Type.Optional(PublicId),
  referralKind: Type.Optional(oneOfWords(REFERRAL_KINDS)),
});

/** A field that may be emptied: null says that it was. */
const clearable = <S extends TSchema>(schema: S) => Type.Optional(Type.Union([schema, Type.Null()]));

const Changes = Type.Object({
  kind: Type.Optional(Kind),
  party: clearable(Party),
  acquisition: clearable(Acquisition),
  dataSource: clearable(DataSource),
  yearlyRevenue: clearable(PublicMoney),
});

type Changed = Extract<CustomerEvent, { readonly type: 'customer-profile-updated.v1' }>['data']['changes'];

/** What of a change is told; undefined where nothing is: a new name alone is nobody's business. */
function toldOf({ kind, party, acquisition, dataSource, yearlyRevenue }: Changed) {
  const told = {
    ...(kind !== undefined && { kind }),
    ...(party !== undefined && { party }),
    ...(acquisition !== undefined && { acquisition }),
    ...(dataSource !== undefined && { dataSource }),
    ...(yearlyRevenue !== undefined && { yearlyRevenue }),
  };
  return Object.keys(told).length === 0 ? undefined : told;
}

/**
 * What the world is told of customers. Names, contact channels, languages, interests, external references and custom
 * fields stay in, and so do all texts: reasons, competitors, how a loss was found out. Regions, industries and size bands
 * stay in as well: they are free texts, many a customer is a person, and a change of them does not say whether this one
 * is. Who may see them asks for the customer by its id.
 */
export const customerPublication: Publication = {
  topic: {
    name: 'guanxi.customers',
    title: 'Customers',
    description:
      'How customers come, change and go, without anything that says who they are. Keyed by customer.',
    partitions: 6,
    retentionDays: 30,
  },
  samples,
  events: [
    publish('customer-registered.v1', {
      summary: 'A file was opened for a customer, which was a prospect or an active customer at that moment.',
      schema: Type.Object({
        kind: Kind,
        relationship: oneOfWords(RELATIONSHIPS),
        party: Type.Optional(Party),
        acquisition: Type.Optional(Acquisition),
        dataSource: Type.Optional(DataSource),
        yearlyRevenue: Type.Optional(PublicMoney),
        ownerId: Type.Optional(PublicId),
      }),
      map: ({ data: { kind, relationship, party, acquisition, dataSource, yearlyRevenue, owner } }) => ({
        ...{ kind, relationship },
        ...(party !== undefined && { party }),
        ...(acquisition !== undefined && { acquisition }),
        ...(dataSource !== undefined && { dataSource }),
        ...(yearlyRevenue !== undefined && { yearlyRevenue }),
        ...(owner !== undefined && { ownerId: owner }),
      }),
    }),
    publish('customer-profile-updated.v1', {
      summary: 'What is known of a customer changed; fields that are absent did not, null ones were emptied.',
      schema: Changes,
      map: ({ data: { changes } }) => toldOf(changes),
    }),
    publish('customer-profile-corrected.v1', {
      summary:
        'What was recorded of a customer was wrong: it has been so from its beginning. Absent fields were right, null ' +
        'ones were never known.',
      schema: Changes,
      map: ({ data: { changes } }) => toldOf(changes),
    }),
    publish('customer-owner-assigned.v1', {
      summary: 'Another seller looks after a customer.',
      schema: Type.Object({ ownerId: PublicId }),
      map: ({ data: { owner } }) => ({ ownerId: owner }),
    }),
    publish('relationship-ended.v1', {
      summary: 'A customer was lost.',
      schema: Type.Object({
        cause: oneOfWords(LOSS_CAUSES),
        controllable: Type.Optional(
          Type.Boolean({ description: 'Whether the loss could have been prevented.' }),
        ),
        responsible: Type.Optional(oneOfWords(RESPONSIBLE_SIDES)),
        yearlyRevenueLost: Type.Optional(PublicMoney),
        assumed: PublicAssumed,
      }),
      map: ({ data: { cause, controllable, responsible, yearlyRevenueLost, assumed } }) => ({
        cause,
        ...(controllable !== undefined && { controllable }),
        ...(responsible !== undefined && { responsible }),
        ...(yearlyRevenueLost !== undefined && { yearlyRevenueLost }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('customer-reactivated.v1', {
      summary: 'A lost customer came back.',
      schema: Type.Object({}),
      map: () => ({}),
    }),
  ],
};
