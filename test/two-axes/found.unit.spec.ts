import { parseInstant } from '@guanxi/kernel';
import { replay } from './history/play';
import { models } from './models';
import { differenceIn } from './read-models';

const CUSTOMER = '50000000-0000-4000-8000-000000000001';
const ANOTHER = '50000000-0000-4000-8000-000000000002';
const DEAL = '70000000-0000-4000-8000-000000000001';
const value = { amount: 1_000, currency: 'CNY' };

/** Sends commands a day apart. */
const sent = (lines: readonly { command: string; id: string; occurredAt?: string; data: object }[]) =>
  replay(
    lines.map((line, index) => ({
      line,
      at: parseInstant(new Date(Date.UTC(2025, 0, 1 + index)).toISOString()),
    })),
  );

/** What histories of commands brought to light, each in the fewest commands that show it. */
describe('found on the way', () => {
  it('a won deal that is moved in time moves the beginning of the customer whom it made', async () => {
    const assumed = ['firstMeeting', 'criteria', 'verbalAgreement', 'evidence'];
    const won = { stage: 'won', value, customerId: CUSTOMER, assumed };
    const days = { openedAt: '2024-01-01T00:00:00Z', closedAt: '2024-02-01T00:00:00Z' };
    const { sent: outcomes, log } = await sent([
      { command: 'RegisterCustomer', id: CUSTOMER, data: { name: 'One' } },
      { command: 'RegisterCustomer', id: ANOTHER, data: { name: 'Another' } },
      { command: 'ImportDeal', id: DEAL, data: { ...won, ...days } },
      { command: 'ReopenDeal', id: DEAL, data: { reason: 'Not over yet' } },
      { command: 'ReviseDeal', id: DEAL, data: { customerId: ANOTHER } },
      {
        command: 'CorrectDeal',
        id: DEAL,
        data: { reason: 'Wrong day', redate: { revision: 13, to: '2024-01-20T00:00:00Z' } },
      },
    ]);
    expect(outcomes.map(({ status }) => status)).toEqual(Array(6).fill('accepted'));
    expect(log.find(({ type }) => type === 'deal-won.v1')?.revision).toBe(13);
    for (const model of models) expect(differenceIn(model, log).difference).toBeUndefined();
  });

  it('what a clock that is ahead tells has happened by now, so that the figures of now are those as of now', async () => {
    const { log } = await sent([
      { command: 'OpenDeal', id: DEAL, occurredAt: '2025-01-01T00:04:00Z', data: { value } },
    ]);
    expect(log.map(({ occurredAt }) => occurredAt)).toEqual(['2025-01-01T00:00:00.000Z']);
  });
});
