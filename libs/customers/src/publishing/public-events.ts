import type { Publication } from '@guanxi/publishing';
import {
  PublicAssumed,
  PublicOwnerId,
  oneOfWords,
  publicEventsOf,
  publicUuid,
  publicMoney,
} from '@guanxi/publishing';
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

const Kind = oneOfWords(
  KINDS,
  'How far the customer stands from us: end uses what we sell, intermediary passes it on, as dealers do, and internal ' +
    'is a department or colleague of ours whose next step depends on us.',
);
const Party = oneOfWords(PARTIES, 'Whether the customer is a person or an organisation.');
const DataSource = oneOfWords(
  DATA_SOURCES,
  'Where the data on the customer came from: rented-list is a list of contacts rented from others, ad-response an ' +
    'answer to an advertisement, promotion a sales promotion or contest, import another system.',
);
const Acquisition = Type.Object(
  {
    channel: oneOfWords(
      ACQUISITION_CHANNELS,
      'How it was won as a contact: desk-research is a search of published sources, competitor-takeover a customer won ' +
        'from a competitor, import a customer that came with the data of another system.',
    ),
    referredBy: Type.Optional(
      publicUuid('Id of the customer who recommended us; known only where channel is referral.'),
    ),
    referralKind: Type.Optional(
      oneOfWords(
        REFERRAL_KINDS,
        'Who recommended us: a celebrity, a bellwether (one whom others follow), a partner or an ordinary customer. ' +
          'Known only where channel is referral.',
      ),
    ),
  },
  { description: 'How the customer came to us.' },
);
const YearlyRevenue = publicMoney('Our revenue in a year with the customer, as its file states it.');

/** A field that may be emptied: null says that nothing is known. */
const clearable = <S extends TSchema>(schema: S) =>
  Type.Optional(Type.Union([schema, Type.Null()], { description: `${schema.description} Null: not known.` }));

const Changes = Type.Object({
  kind: Type.Optional(Kind),
  party: clearable(Party),
  acquisition: clearable(Acquisition),
  dataSource: clearable(DataSource),
  yearlyRevenue: clearable(YearlyRevenue),
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
        relationship: oneOfWords(
          RELATIONSHIPS,
          'What the customer was to us at that moment: prospect had not become a customer yet, active was one already.',
        ),
        party: Type.Optional(Party),
        acquisition: Type.Optional(Acquisition),
        dataSource: Type.Optional(DataSource),
        yearlyRevenue: Type.Optional(YearlyRevenue),
        ownerId: Type.Optional(PublicOwnerId),
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
        'What was recorded of a customer was wrong: from the time of this event on it was so, until a later one says ' +
        'otherwise. Absent fields were right, null ones were not known.',
      schema: Changes,
      map: ({ data: { changes } }) => toldOf(changes),
    }),
    publish('customer-owner-assigned.v1', {
      summary: 'Another seller looks after a customer.',
      schema: Type.Object({ ownerId: PublicOwnerId }),
      map: ({ data: { owner } }) => ({ ownerId: owner }),
    }),
    publish('relationship-ended.v1', {
      summary: 'A customer was lost.',
      schema: Type.Object({
        cause: oneOfWords(
          LOSS_CAUSES,
          'Why the customer was lost: benefit is what it gains from us, management how we are run, industry a change in ' +
            'its trade, natural an end such as death or moving away.',
        ),
        controllable: Type.Optional(
          Type.Boolean({
            description:
              'Whether the loss could have been prevented; absent where the cause is unknown and nobody judged it.',
          }),
        ),
        responsible: Type.Optional(
          oneOfWords(
            RESPONSIBLE_SIDES,
            'Who brought the end about; related-party is somebody else who had a part in it. Absent where not recorded.',
          ),
        ),
        yearlyRevenueLost: Type.Optional(
          publicMoney('Our revenue in a year that is lost with the customer.'),
        ),
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
