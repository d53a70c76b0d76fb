import type { CommandSpec } from '@guanxi/commanding';
import { commandsOn, referencesTo } from '@guanxi/commanding';
import { parseInstant } from '@guanxi/kernel';
import { warnOfClock } from '../domain/clock';
import { complaintDecider } from '../domain/complaint';
import { importComplaint } from '../domain/importing';
import {
  acknowledgeComplaint,
  assignComplaint,
  escalateComplaint,
  fileComplaint,
  recordFinding,
  withdrawComplaint,
} from '../domain/intake';
import {
  answerProposal,
  closeComplaint,
  followUpComplaint,
  proposeSolution,
  reopenComplaint,
  resolveComplaint,
} from '../domain/solving';
import * as inputs from './inputs';

const category = 'complaint';
const complaint = commandsOn({ collection: 'complaints', category, decider: complaintDecider });
const imported = commandsOn({ collection: 'imported-complaints', category, decider: complaintDecider });

const ids = {
  customer: '7b0c3f4e-51c5-4c8e-9a2f-1d4b6a7c8e90',
  seller: '3d2a9f60-8f1b-4a77-b0de-6c1a5c1e9d42',
} as const;

/** Every command of this context, in the order of the work. */
export const complaintCommands: readonly CommandSpec[] = [
  complaint('FileComplaint', inputs.FileComplaintInput, fileComplaint, {
    summary: 'Takes a complaint in, of a customer or of somebody unnamed',
    example: {
      customerId: ids.customer,
      channel: 'phone',
      product: 'GTX Pro',
      region: 'East',
      text: 'The promised date passed without a word.',
      cause: 'promise-broken',
      severity: 2,
      complainantType: 'venting',
      claimedLoss: { amount: 120000, currency: 'CNY' },
      externalRef: 'C-1001',
    },
    references: ({ customerId }) => referencesTo('customer', { customerId }),
  }),
  complaint('WarnOfComplaintClock', inputs.WarnOfComplaintClockInput, warnOfClock, {
    verb: 'warn-of-clock',
    summary: 'Notes that so much of the time for the first answer or the resolution has gone by',
    example: { clock: 'resolution', percent: 80, dueAt: parseInstant('2026-03-09T08:00:00Z') },
  }),
  complaint('AcknowledgeComplaint', inputs.AcknowledgeComplaintInput, acknowledgeComplaint, {
    verb: 'acknowledge',
    summary: 'Notes the first answer to the customer',
    example: { note: 'Called back', by: 'front desk' },
  }),
  complaint('RecordFinding', inputs.RecordFindingInput, recordFinding, {
    verb: 'record-finding',
    summary: 'Notes what is known, when it happened and what was done about it',
    example: { known: 'The delivery left a day late', when: 'on 2 March', done: 'the carrier was asked' },
  }),
  complaint('ProposeSolution', inputs.ProposeSolutionInput, proposeSolution, {
    verb: 'propose',
    summary: 'Proposes a solution: regret, correction, redress, and the remedy for the future',
    example: {
      regret: 'We are sorry that you had to wait',
      correction: 'Delivery tomorrow before noon',
      redress: { text: 'carriage refunded', amount: { amount: 2500, currency: 'CNY' } },
      remedy: 'Dates are confirmed with the carrier before they are promised',
    },
  }),
  complaint('AnswerProposal', inputs.AnswerProposalInput, answerProposal, {
    verb: 'answer',
    summary: 'Notes whether the customer accepts the proposal',
    example: { accepted: true },
  }),
  complaint('ResolveComplaint', inputs.ResolveComplaintInput, resolveComplaint, {
    verb: 'resolve',
    summary: 'Notes that what was proposed is done',
    example: { resolution: 'Delivered and refunded', kind: 'monetary-relief' },
  }),
  complaint('FollowUpComplaint', inputs.FollowUpComplaintInput, followUpComplaint, {
    verb: 'follow-up',
    summary: 'Notes a return visit, or an attempt at one',
    example: { reached: true, satisfied: true, wouldBuyAgain: true },
  }),
  complaint('ReopenComplaint', inputs.ReopenComplaintInput, reopenComplaint, {
    verb: 'reopen',
    summary: 'Opens a resolved or closed complaint again; it needs a new proposal',
    example: { reason: 'The part broke again' },
  }),
  complaint('CloseComplaint', inputs.CloseComplaintInput, closeComplaint, {
    verb: 'close',
    summary: 'Closes a resolved complaint after a return visit, or three failed attempts at one',
    example: { note: 'settled' },
  }),
  complaint('WithdrawComplaint', inputs.WithdrawComplaintInput, withdrawComplaint, {
    verb: 'withdraw',
    summary: 'Notes that the customer takes the complaint back',
    example: { reason: 'was a mistake' },
  }),
  complaint('AssignComplaint', inputs.AssignComplaintInput, assignComplaint, {
    verb: 'assign',
    summary: 'Names the colleague who sees to the complaint',
    example: { owner: ids.seller },
    references: ({ owner }) => referencesTo('seller', { owner }),
  }),
  complaint('EscalateComplaint', inputs.EscalateComplaintInput, escalateComplaint, {
    verb: 'escalate',
    summary: 'Hands the complaint up by one level: front line, middle management, senior management',
    example: { to: 'middle', reason: 'no answer in time' },
  }),
  imported('ImportComplaint', inputs.ImportComplaintInput, importComplaint, {
    summary:
      'Takes over a complaint that was worked elsewhere, with what its source did not record assumed by name',
    example: {
      channel: 'web',
      product: 'Mortgage',
      region: 'FL',
      cause: 'unknown',
      externalRef: '1114245',
      attributes: { company: 'Example Ltd' },
      filedAt: parseInstant('2026-01-05T00:00:00Z'),
      acknowledgedAt: parseInstant('2026-01-06T00:00:00Z'),
      answeredInTime: true,
      resolution: 'explanation',
      resolvedAt: parseInstant('2026-01-06T00:00:00Z'),
      assumed: ['cause', 'severity', 'resolvedAt', 'proposal'],
    },
    mayPredate: true,
    references: ({ customerId }) => referencesTo('customer', { customerId }),
  }),
];
