import type { Publication } from '@guanxi/publishing';
import {
  PublicAssumed,
  PublicDay,
  PublicId,
  PublicInstant,
  PublicMoney,
  oneOfWords,
  publicEventsOf,
} from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import type { DealEvent } from '../domain/events';
import samples from '../domain/deal.samples.json';
import { CRITERIA, EVIDENCE, STAGES } from '../domain/stages';

const publish = publicEventsOf<DealEvent>('deal');

const Stage = oneOfWords(STAGES);
const Line = Type.Object({
  productId: PublicId,
  quantity: Type.Optional(Type.Number()),
  value: Type.Optional(Type.Integer({ description: "In minor units of the deal's currency." })),
});
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
        value: PublicMoney,
        customerId: Type.Optional(PublicId),
        ownerId: Type.Optional(PublicId),
        lines: Type.Optional(Type.Array(Line)),
        expectedCloseOn: Type.Optional(PublicDay),
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
      schema: Type.Object({ meetingAt: PublicInstant }),
      map: ({ data: { meetingAt } }) => ({ meetingAt }),
    }),
    publish('deal-first-meeting-held.v1', {
      summary: 'The first meeting was held, and both sides agreed to go on or did not.',
      schema: Type.Object({ agreedToContinue: Type.Boolean() }),
      map: ({ data: { agreedToContinue } }) => ({ agreedToContinue }),
    }),
    publish('deal-criterion-confirmed.v1', {
      summary: 'One of the five criteria of a qualified deal is met.',
      schema: Type.Object({ criterion: oneOfWords(CRITERIA) }),
      map: ({ data: { criterion } }) => ({ criterion }),
    }),
    publish('deal-criterion-withdrawn.v1', {
      summary: 'One of the five criteria is no longer met.',
      schema: Type.Object({ criterion: oneOfWords(CRITERIA) }),
      map: ({ data: { criterion } }) => ({ criterion }),
    }),
    publish('deal-advanced.v1', {
      summary: 'A deal moved to a later stage.',
      schema: Type.Object({ from: Stage, to: Stage, assumed }),
      map: ({ data: { from, to, assumed: isAssumed } }) => ({
        ...{ from, to },
        ...(isAssumed && { assumed: true }),
      }),
    }),
    publish('deal-regressed.v1', {
      summary: 'A deal fell back to an earlier stage.',
      schema: Type.Object({ from: Stage, to: Stage }),
      map: ({ data: { from, to } }) => ({ from, to }),
    }),
    publish('deal-won.v1', {
      summary: 'A deal was won: the customer has bought.',
      schema: Type.Object({
        from: Stage,
        value: PublicMoney,
        evidence: Type.Optional(oneOfWords(EVIDENCE)),
        customerId: Type.Optional(PublicId),
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
      schema: Type.Object({ from: Stage, priceGap: Type.Optional(PublicMoney), assumed }),
      map: ({ data: { from, priceGap, assumed: isAssumed } }) => ({
        from,
        ...(priceGap !== undefined && { priceGap }),
        ...(isAssumed && { assumed: true }),
      }),
    }),
    publish('deal-reopened.v1', {
      summary: 'A deal that had ended goes on.',
      schema: Type.Object({ to: Stage }),
      map: ({ data: { to } }) => ({ to }),
    }),
    publish('deal-revised.v1', {
      summary: 'What is known of a deal changed; fields that are absent did not.',
      schema: Type.Object({
        value: Type.Optional(PublicMoney),
        expectedCloseOn: Type.Optional(PublicDay),
        lines: Type.Optional(Type.Array(Line)),
        customerId: Type.Optional(PublicId),
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
      schema: Type.Object({ ownerId: PublicId }),
      map: ({ data: { owner } }) => ({ ownerId: owner }),
    }),
    publish('deal-corrected.v1', {
      summary:
        'What was recorded of a deal was wrong: it has been so from its beginning. Absent fields were right.',
      schema: Type.Object({
        value: Type.Optional(PublicMoney),
        stage: Type.Optional(Stage),
        expectedCloseOn: Type.Optional(PublicDay),
      }),
      map: ({ data: { value, stage, expectedCloseOn } }) => ({
        ...(value !== undefined && { value }),
        ...(stage !== undefined && { stage }),
        ...(expectedCloseOn !== undefined && { expectedCloseOn }),
      }),
    }),
    publish('deal-event-redated.v1', {
      summary: 'An earlier event of this deal happened at another moment than was recorded.',
      schema: Type.Object({
        revision: Type.Integer({ minimum: 0, description: 'Which of its events, counted from 0.' }),
        to: PublicInstant,
      }),
      map: ({ data: { redates } }) => ({ revision: redates.revision, to: redates.to }),
    }),
  ],
};
