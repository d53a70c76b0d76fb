import type { Publication } from '@guanxi/publishing';
import {
  PublicAssumed,
  PublicCustomerId,
  PublicOwnerId,
  oneOfNumbers,
  oneOfWords,
  publicEventsOf,
  publicInstant,
  publicMoney,
} from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import samples from '../domain/complaints.samples.json';
import type { ComplaintEvent } from '../domain/events';
import {
  CAUSES,
  CHANNELS,
  CLOCKS,
  LEVELS,
  RESOLUTION_KINDS,
  SEVERITIES,
  WARNING_PERCENTS,
} from '../domain/vocabulary';

const publish = publicEventsOf<ComplaintEvent>('complaint');

const level = (meaning: string) =>
  oneOfWords(
    LEVELS,
    `${meaning} front: the front line, middle: middle management, senior: senior management.`,
  );
const nothing = Type.Object({});

/**
 * What the world is told of complaints: that they are there, how grave, and how far they have come. All that was said
 * stays in: texts, findings, solutions, notes, reasons, and who called back. So does how a complainant behaves, which is
 * a judgement of a person, and product and region, which a complainant wrote in words of their own. Findings are work
 * inside our house and are not told.
 */
export const complaintPublication: Publication = {
  topic: {
    name: 'guanxi.complaints',
    title: 'Complaints',
    description:
      'The life of complaints: filed, answered, handed up, resolved, followed up, closed. Keyed by complaint.',
    partitions: 6,
    retentionDays: 30,
  },
  samples,
  events: [
    publish('complaint-filed.v1', {
      summary: 'A complaint came in.',
      schema: Type.Object({
        channel: oneOfWords(
          CHANNELS,
          'How the complaint reached us; referral: somebody else passed it on to us.',
        ),
        cause: oneOfWords(
          CAUSES,
          'What it is about: an unmet expectation, a broken promise, rude or cold treatment, or a matter that was not solved ' +
            'promptly and accurately. unknown: the cause was not recorded.',
        ),
        severity: oneOfNumbers(
          SEVERITIES,
          'How grave it is, from 1, the gravest, to 4; 3 where nobody judged it.',
        ),
        customerId: Type.Optional(PublicCustomerId),
        anonymous: Type.Optional(
          Type.Boolean({
            description: 'True: the complainant does not want to be named. Otherwise absent.',
          }),
        ),
        claimedLoss: Type.Optional(
          publicMoney('Loss that the complainant claims; absent where none is known.'),
        ),
        assumed: PublicAssumed,
      }),
      map: ({ data: { channel, cause, severity, customerId, anonymous, claimedLoss, assumed } }) => ({
        ...{ channel, cause, severity },
        ...(customerId !== undefined && { customerId }),
        ...(anonymous && { anonymous: true }),
        ...(claimedLoss !== undefined && { claimedLoss }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-acknowledged.v1', {
      summary: 'The complainant got a first answer.',
      schema: Type.Object({
        answeredInTime: Type.Optional(
          Type.Boolean({
            description:
              'Whether the first answer came in time, as the source of an import judged it. Absent: tell it by the times ' +
              'of the events.',
          }),
        ),
        assumed: PublicAssumed,
      }),
      map: ({ data: { answeredInTime, assumed } }) => ({
        ...(answeredInTime !== undefined && { answeredInTime }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-solution-proposed.v1', {
      summary: 'A solution was proposed to the complainant.',
      schema: Type.Object({
        redress: Type.Optional(
          publicMoney('Money offered to make good for what happened; absent where none is known.'),
        ),
        assumed: PublicAssumed,
      }),
      map: ({ data: { redress, assumed } }) => ({
        ...(redress?.amount !== undefined && { redress: redress.amount }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-proposal-answered.v1', {
      summary: 'The complainant took the proposed solution or refused it.',
      schema: Type.Object({
        accepted: Type.Boolean({ description: 'Whether the complainant took the proposed solution.' }),
        assumed: PublicAssumed,
      }),
      map: ({ data: { accepted, assumed } }) => ({
        accepted,
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-resolved.v1', {
      summary: 'What the complaint was about is settled.',
      schema: Type.Object({
        kind: Type.Optional(
          oneOfWords(
            RESOLUTION_KINDS,
            'What the complainant got: an explanation, help other than money (non-monetary-relief), money ' +
              '(monetary-relief) or something else. Absent where not recorded.',
          ),
        ),
        assumed: PublicAssumed,
      }),
      map: ({ data: { kind, assumed } }) => ({
        ...(kind !== undefined && { kind }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-followed-up.v1', {
      summary: 'After the resolution, the complainant was asked whether they are satisfied.',
      schema: Type.Object({
        reached: Type.Boolean({ description: 'Whether anybody answered; false: the attempt failed.' }),
        satisfied: Type.Optional(
          Type.Boolean({
            description:
              'Whether the complainant is satisfied; absent where nobody answered or it is not known.',
          }),
        ),
        wouldBuyAgain: Type.Optional(
          Type.Boolean({
            description:
              'Whether the complainant would buy from us again; absent where nobody answered or it is not known.',
          }),
        ),
        assumed: PublicAssumed,
      }),
      map: ({ data: { reached, satisfied, wouldBuyAgain, assumed } }) => ({
        reached,
        ...(satisfied !== undefined && { satisfied }),
        ...(wouldBuyAgain !== undefined && { wouldBuyAgain }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-reopened.v1', {
      summary: 'A complaint that was resolved goes on.',
      schema: nothing,
      map: () => ({}),
    }),
    publish('complaint-closed.v1', {
      summary: 'A complaint is done with.',
      schema: nothing,
      map: () => ({}),
    }),
    publish('complaint-withdrawn.v1', {
      summary: 'The complainant took the complaint back.',
      schema: nothing,
      map: () => ({}),
    }),
    publish('complaint-assigned.v1', {
      summary: 'Somebody of ours looks after a complaint.',
      schema: Type.Object({ ownerId: PublicOwnerId }),
      map: ({ data: { owner } }) => ({ ownerId: owner }),
    }),
    publish('complaint-escalated.v1', {
      summary: 'A complaint was handed up to a higher level.',
      schema: Type.Object({ from: level('Level before.'), to: level('Level from now on.') }),
      map: ({ data: { from, to } }) => ({ from, to }),
    }),
    publish('complaint-clock-warned.v1', {
      summary: 'So much of the time for a first answer or a resolution has gone by.',
      schema: Type.Object({
        clock: oneOfWords(CLOCKS, 'What the complainant waits for: a first answer, or the resolution.'),
        percent: oneOfNumbers(WARNING_PERCENTS, 'How much of the time for it has gone by, in percent.'),
        dueAt: publicInstant('When the time for it runs out.'),
      }),
      map: ({ data: { clock, percent, dueAt } }) => ({ clock, percent, dueAt }),
    }),
  ],
};
