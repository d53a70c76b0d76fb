import type { Publication } from '@guanxi/publishing';
import {
  PublicAssumed,
  PublicId,
  PublicInstant,
  PublicMoney,
  oneOfNumbers,
  oneOfWords,
  publicEventsOf,
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

const Level = oneOfWords(LEVELS);
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
        channel: oneOfWords(CHANNELS),
        cause: oneOfWords(CAUSES),
        severity: oneOfNumbers(SEVERITIES, { description: 'From 1, the gravest, to 4.' }),
        customerId: Type.Optional(PublicId),
        anonymous: Type.Optional(Type.Boolean({ description: 'Nobody knows whose complaint it is.' })),
        claimedLoss: Type.Optional(PublicMoney),
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
            description: "As the source of an import judged it; absent: tell it by the events' times.",
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
        redress: Type.Optional(PublicMoney),
        assumed: PublicAssumed,
      }),
      map: ({ data: { redress, assumed } }) => ({
        ...(redress?.amount !== undefined && { redress: redress.amount }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-proposal-answered.v1', {
      summary: 'The complainant took the proposed solution or refused it.',
      schema: Type.Object({ accepted: Type.Boolean(), assumed: PublicAssumed }),
      map: ({ data: { accepted, assumed } }) => ({
        accepted,
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-resolved.v1', {
      summary: 'What the complaint was about is settled.',
      schema: Type.Object({ kind: Type.Optional(oneOfWords(RESOLUTION_KINDS)), assumed: PublicAssumed }),
      map: ({ data: { kind, assumed } }) => ({
        ...(kind !== undefined && { kind }),
        ...(assumed !== undefined && { assumed: true }),
      }),
    }),
    publish('complaint-followed-up.v1', {
      summary: 'After the resolution, the complainant was asked whether they are satisfied.',
      schema: Type.Object({
        reached: Type.Boolean({ description: 'Whether anybody answered.' }),
        satisfied: Type.Optional(Type.Boolean()),
        wouldBuyAgain: Type.Optional(Type.Boolean()),
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
      schema: Type.Object({ ownerId: PublicId }),
      map: ({ data: { owner } }) => ({ ownerId: owner }),
    }),
    publish('complaint-escalated.v1', {
      summary: 'A complaint was handed up to a higher level.',
      schema: Type.Object({ from: Level, to: Level }),
      map: ({ data: { from, to } }) => ({ from, to }),
    }),
    publish('complaint-clock-warned.v1', {
      summary: 'So much of the time for a first answer or a resolution has gone by.',
      schema: Type.Object({
        clock: oneOfWords(CLOCKS),
        percent: oneOfNumbers(WARNING_PERCENTS, { description: 'How much of its time has gone by.' }),
        dueAt: PublicInstant,
      }),
      map: ({ data: { clock, percent, dueAt } }) => ({ clock, percent, dueAt }),
    }),
  ],
};
