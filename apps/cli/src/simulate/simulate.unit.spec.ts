import { createHash } from 'node:crypto';
import fc from 'fast-check';
import type { CommandLine } from '../import/types';
import { simulate } from './simulate';
import type { Simulation } from './simulate';
import { DAY } from './world';

const until = Date.UTC(2026, 6, 1);
const company: Simulation = { seed: '1', years: 2, until };

function digest(simulation: Simulation): string {
  const hash = createHash('sha256');
  for (const line of simulate(simulation)) hash.update(`${JSON.stringify(line)}\n`);
  return hash.digest('hex');
}

const lines = [...simulate(company)];
const of = (command: string): readonly CommandLine[] => lines.filter((line) => line.command === command);

it('tells the same story for the same seed, and another one for another', () => {
  fc.assert(
    fc.property(fc.string(), fc.integer({ min: 0, max: 2_000 }), (seed, days) => {
      const simulation = { seed, years: 0.2, until: until + days * DAY };
      expect(digest(simulation)).toBe(digest(simulation));
      expect(digest(simulation)).not.toBe(digest({ ...simulation, seed: `${seed}x` }));
    }),
    { numRuns: 8 },
  );
});

it('is of a size that can be shown in seconds', () => {
  expect(lines.length).toBeGreaterThan(12_000);
  expect(lines.length).toBeLessThan(40_000);
});

it('tells things in the order of time, corrections aside, and nothing from beyond the end', () => {
  let last = '';
  for (const { command, occurredAt = '' } of lines) {
    expect(occurredAt < new Date(until).toISOString()).toBe(true);
    if (command.startsWith('Correct')) continue;
    expect(occurredAt >= last).toBe(true);
    last = occurredAt;
  }
});

it('never uses a key or the id of a new thing twice', () => {
  const openers = [
    'OpenDeal',
    'RegisterCustomer',
    'RecordPurchase',
    'FileComplaint',
    'DefineProduct',
    'RecordExchangeRate',
  ];
  const opened = lines.filter(({ command }) => openers.includes(command)).map(({ id }) => id);
  expect(new Set(opened).size).toBe(opened.length);
  expect(new Set(lines.map(({ key }) => key)).size).toBe(lines.length);
});

it('has every kind of thing happen', () => {
  const sent = new Set(lines.map(({ command }) => command));
  expect([...sent].sort()).toEqual(
    [
      ...['AcknowledgeComplaint', 'AdvanceDeal', 'AnswerProposal', 'AssignComplaint', 'AssignDealOwner'],
      ...['AssignOwner', 'CloseComplaint', 'CloseDealWon', 'ConfirmCriterion', 'CorrectCustomerProfile'],
      ...[
        'CorrectDeal',
        'CorrectPurchase',
        'DefineDepartment',
        'DefineProduct',
        'DefineSeller',
        'EndRelationship',
      ],
      ...[
        'EscalateComplaint',
        'FileComplaint',
        'FollowUpComplaint',
        'HoldFirstMeeting',
        'LoseDeal',
        'OpenDeal',
      ],
      ...['ProposeSolution', 'ReactivateCustomer', 'RecordExchangeRate', 'RecordFinding', 'RecordPurchase'],
      ...['RecordVerbalAgreement', 'RefundPurchase', 'RegisterCustomer', 'RegressDeal', 'ReleaseSeller'],
      ...['ReopenComplaint', 'ReopenDeal', 'ResolveComplaint', 'ReviewDeal', 'ReviseDeal', 'ReviseProduct'],
      ...[
        'ReviseSeller',
        'ScheduleFirstMeeting',
        'UpdateCustomerProfile',
        'WithdrawComplaint',
        'WithdrawCriterion',
      ],
    ].sort(),
  );
});

it('has some customers earn most of the money', () => {
  const revenue = new Map<unknown, number>();
  for (const { data } of of('RecordPurchase')) {
    const own = Array.isArray(data['lines']) ? data['lines'] : [];
    const sum = own.reduce((total: number, line: { revenue: number }) => total + line.revenue, 0);
    revenue.set(data['customerId'], (revenue.get(data['customerId']) ?? 0) + sum);
  }
  const sorted = [...revenue.values()].sort((a, b) => b - a);
  const total = sorted.reduce((sum, each) => sum + each, 0);
  const top = sorted.slice(0, Math.ceil(sorted.length / 5)).reduce((sum, each) => sum + each, 0);
  expect(top / total).toBeGreaterThan(0.6);
  expect(top / total).toBeLessThan(0.95);
});

it('wins a plausible share of what it closes', () => {
  const rate = of('CloseDealWon').length / (of('CloseDealWon').length + of('LoseDeal').length);
  expect(rate).toBeGreaterThan(0.12);
  expect(rate).toBeLessThan(0.4);
});

it('has deals at every stage of the board at the end', () => {
  const stages = new Map<string, unknown>();
  for (const { command, id, data } of lines) {
    if (command === 'OpenDeal') stages.set(id, 'E');
    if (command === 'AdvanceDeal' || command === 'RegressDeal') stages.set(id, data['to']);
    if (command === 'WithdrawCriterion') stages.set(id, 'C');
    if (command === 'CloseDealWon' || command === 'LoseDeal') stages.delete(id);
  }
  expect(new Set(stages.values())).toEqual(new Set(['E', 'D', 'C', 'B', 'A']));
});

it('loses customers and wins some back', () => {
  const share = of('ReactivateCustomer').length / of('EndRelationship').length;
  expect(of('EndRelationship').length).toBeGreaterThan(50);
  expect(share).toBeGreaterThan(0.05);
  expect(share).toBeLessThan(0.4);
});
