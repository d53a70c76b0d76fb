import type { Publication } from '@guanxi/publishing';
import {
  PublicAssumed,
  PublicCustomerId,
  PublicOwnerId,
  PublicRevision,
  oneOfWords,
  publicDay,
  publicEventsOf,
  publicUuid,
  publicInstant,
  publicMoney,
} from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import type { DealEvent } from '../domain/events';
import samples from '../domain/deal.samples.json';
import { CRITERIA, EVIDENCE, STAGES } from '../domain/stages';

const publish = publicEventsOf<DealEvent>('deal');

const stage = (meaning: string) =>
  oneOfWords(
    STAGES,
    `${meaning} E: opportunity, D: first meeting agreed, C: in play, B: qualified, A: verbal yes.`,
  );
const From = stage('Stage before.');
const To = stage('Stage from now on.');
const Criterion = oneOfWords(
  CRITERIA,
  'Which of the five: person (decides, or sways who does), proposal (suits the customer), budget (discussed and ' +
    'reasonable), timetable (days of decision and start that suit us) or nextStep (agreed, with its day).',
);
const Value = publicMoney('What the deal is worth; its currency never changes.');
const ExpectedCloseOn = publicDay('Day by which the deal should be closed.');
const Lines = Type.Array(
  Type.Object({
    productId: publicUuid('Id of the product; its own events have the key product-{id}.'),
    quantity: Type.Optional(
      Type.Number({
        description: 'Pieces, or another measure of the product; may be fractional. Absent where not known.',
      }),
    ),
    value: Type.Optional(
      Type.Integer({
        description: "What the line is worth, in minor units of the deal's currency; absent where not known.",
      }),
    ),
  }),
  { description: 'What is to be sold, line by line: all lines that the deal has from now on.' },
);
const assumed = PublicAssumed;

/**
 * What the world is told of deals. Titles, notes and reasons are texts in which people may be named: they stay in. Owners
 * are ids of sellers, which say nothing by themselves.
 */
export const dealPublication: Publication = {
  topic: {
    name: 'guanxi.deals',
    title: 'Deals',
    description:
      'The life of deals in the prospect management system: opened, moved between the stages E (opportunity), D (first ' +
      'meeting agreed), C (in play: it took place), B (qualified) and A (verbal yes), won or lost, and corrected. Keyed by deal.',
    partitions: 6,
    retentionDays: 30,
  },
  samples,
  events: [
    publish('deal-opened.v1', {
      summary: 'A deal came into being, at stage E.',
      schema: Type.Object({
        value: Value,
        customerId: Type.Optional(PublicCustomerId),
        ownerId: Type.Optional(PublicOwnerId),
        lines: Type.Optional(Lines),
        expectedCloseOn: Type.Optional(ExpectedCloseOn),
      }),
      map: ({ data: { value, customerId, owner, lines, expectedCloseOn } }) => ({
        value,
        ...(customerId !== undefined && { customerId }),
        ...(owner !== undefined && { ownerId: owner }),
        ...(lines !== undefined && { lines }),
        ...(expectedCloseOn !== undefined && { expectedCloseOn }),
      }),
    }),
    publish('deal-first-meeting-scheduled.v1', {
      summary: 'The first meeting of a deal has a date.',
      schema: Type.Object({ meetingAt: publicInstant('When the first meeting is to take place.') }),
      map: ({ data: { meetingAt } }) => ({ meetingAt }),
    }),
    publish('deal-first-meeting-held.v1', {
      summary: 'The first meeting was held, and both sides agreed to go on or did not.',
      schema: Type.Object({
        agreedToContinue: Type.Boolean({ description: 'Whether the contact agreed to go on.' }),
      }),
      map: ({ data: { agreedToContinue } }) => ({ agreedToContinue }),
    }),
    publish('deal-criterion-confirmed.v1', {
      summary: 'One of the five criteria of a qualified deal is met.',
      schema: Type.Object({ criterion: Criterion }),
      map: ({ data: { criterion } }) => ({ criterion }),
    }),
    publish('deal-criterion-withdrawn.v1', {
      summary: 'One of the five criteria is no longer met.',
      schema: Type.Object({ criterion: Criterion }),
      map: ({ data: { criterion } }) => ({ criterion }),
    }),
    publish('deal-advanced.v1', {
      summary: 'A deal moved to a later stage.',
      schema: Type.Object({ from: From, to: To, assumed }),
      map: ({ data: { from, to, assumed: isAssumed } }) => ({
        ...{ from, to },
        ...(isAssumed && { assumed: true }),
      }),
    }),
    publish('deal-regressed.v1', {
      summary: 'A deal fell back to an earlier stage.',
      schema: Type.Object({ from: From, to: To }),
      map: ({ data: { from, to } }) => ({ from, to }),
    }),
    publish('deal-won.v1', {
      summary: 'A deal was won: the customer has bought.',
      schema: Type.Object({
        from: From,
        value: Value,
        evidence: Type.Optional(
          oneOfWords(
            EVIDENCE,
            'What proves that the customer bought: the first payment or our commission came in, the delivery was accepted, ' +
              'or the service is in use. Absent where an import knew of none.',
          ),
        ),
        customerId: Type.Optional(PublicCustomerId),
        assumed,
      }),
      map: ({ data: { from, value, evidence, customerId, assumed: isAssumed } }) => ({
        ...{ from, value },
        ...(evidence !== undefined && { evidence }),
        ...(customerId !== undefined && { customerId }),
        ...(isAssumed && { assumed: true }),
      }),
    }),
    publish('deal-lost.v1', {
      summary: 'A deal was lost.',
      schema: Type.Object({
        from: From,
        priceGap: Type.Optional(
          publicMoney(
            'How far our price was from that of the competitor to whom the deal was lost; absent where not known.',
          ),
        ),
        assumed,
      }),
      map: ({ data: { from, priceGap, assumed: isAssumed } }) => ({
        from,
        ...(priceGap !== undefined && { priceGap }),
        ...(isAssumed && { assumed: true }),
      }),
    }),
    publish('deal-reopened.v1', {
      summary: 'A deal that had ended goes on.',
      schema: Type.Object({ to: To }),
      map: ({ data: { to } }) => ({ to }),
    }),
    publish('deal-revised.v1', {
      summary: 'What is known of a deal changed; fields that are absent did not.',
      schema: Type.Object({
        value: Type.Optional(Value),
        expectedCloseOn: Type.Optional(ExpectedCloseOn),
        lines: Type.Optional(Lines),
        customerId: Type.Optional(PublicCustomerId),
      }),
      map: ({ data: { value, expectedCloseOn, lines, customerId } }) => {
        const told = {
          ...(value !== undefined && { value }),
          ...(expectedCloseOn !== undefined && { expectedCloseOn }),
          ...(lines !== undefined && { lines }),
          ...(customerId !== undefined && { customerId }),
        };
        // A new title alone is nobody's business.
        return Object.keys(told).length === 0 ? undefined : told;
      },
    }),
    publish('deal-owner-assigned.v1', {
      summary: 'Another seller looks after a deal.',
      schema: Type.Object({ ownerId: PublicOwnerId }),
      map: ({ data: { owner } }) => ({ ownerId: owner }),
    }),
    publish('deal-corrected.v1', {
      summary:
        'What was recorded of a deal was wrong: from the time of this event on it was so, until a later one says ' +
        'otherwise. Absent fields were right.',
      schema: Type.Object({
        value: Type.Optional(Value),
        stage: Type.Optional(stage('Stage at which the deal was.')),
        expectedCloseOn: Type.Optional(ExpectedCloseOn),
      }),
      map: ({ data: { value, stage: was, expectedCloseOn } }) => ({
        ...(value !== undefined && { value }),
        ...(was !== undefined && { stage: was }),
        ...(expectedCloseOn !== undefined && { expectedCloseOn }),
      }),
    }),
    publish('deal-event-redated.v1', {
      summary: 'An earlier event of this deal happened at another moment than was recorded.',
      schema: Type.Object({
        revision: PublicRevision,
        to: publicInstant('When that event really happened.'),
      }),
      map: ({ data: { redates } }) => ({ revision: redates.revision, to: redates.to }),
    }),
  ],
};
