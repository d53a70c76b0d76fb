import type { Refusal } from './failures';

/** What the names of entry rules and steps mean to the one who has to meet them. */
const words: Readonly<Record<string, string>> = {
  firstMeetingAgreed: 'a first meeting is agreed, with its date (ScheduleFirstMeeting)',
  firstMeetingHeld: 'the first meeting took place (HoldFirstMeeting)',
  agreedToContinue: 'the contact agreed to continue (HoldFirstMeeting)',
  person: 'we speak with the one who decides, or who sways the decision (ConfirmCriterion)',
  proposal: 'the proposal suits the customer (ConfirmCriterion)',
  budget: 'the budget was discussed and is reasonable (ConfirmCriterion)',
  timetable: 'decision and start dates are known (ConfirmCriterion)',
  nextStep: 'a dated next step is agreed (ConfirmCriterion)',
  verbalAgreement: 'an explicit verbal yes is on record (RecordVerbalAgreement)',
  evidence: 'there is evidence: payment, commission, accepted delivery or use',
  acknowledged: 'the complaint was acknowledged (AcknowledgeComplaint)',
  proposed: 'a solution was proposed (ProposeSolution)',
  'proposal-not-refused': 'the proposal was not refused (AnswerProposal, or another ProposeSolution)',
  resolved: 'the complaint was resolved (ResolveComplaint)',
  'followed-up': 'a return visit, or three failed attempts at one (FollowUpComplaint)',
};

/** A refusal in words: what was refused, then a line for each rule that is not met. */
export function refusalInWords(refusal: Refusal): string {
  const lines = [`refused: ${refusal.message} (${refusal.code})`];
  for (const { field, rule, message } of refusal.errors) lines.push(`  - ${field}: ${message} (${rule})`);
  for (const rule of refusal.missing) lines.push(`  - ${rule}: ${words[rule] ?? 'not met yet'}`);
  return lines.join('\n');
}
