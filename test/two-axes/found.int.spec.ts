import type { Instant } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import type { Command } from './history/command-path';
import type { Played } from './history/play';
import { replay } from './history/play';
import type { Asking } from './tables/asking';
import { asking } from './tables/asking';
import { Kept } from './tables/databases';
import { at } from './tables/questions';

const DEAL = '70000000-0000-4000-8000-000000000001';
const value = { amount: 1_000, currency: 'CNY' };
const first = parseInstant('2025-01-01T00:00:00Z');
const second = parseInstant('2025-01-02T00:00:00Z');

let kept: Kept;
let ask: Asking;

beforeAll(async () => {
  kept = await Kept.open();
  ask = await asking(kept);
});

afterAll(async () => {
  await ask.close();
  await kept.close();
});

/** Sends commands, each at its moment, and has their events folded in one batch. */
async function given(sent: readonly { line: Command; at: Instant }[]): Promise<Played> {
  const played = await replay(sent);
  expect(played.sent.map(({ status }) => status)).toEqual(sent.map(() => 'accepted'));
  await kept.follow(played.log, [100]);
  kept.now = played.end;
  return played;
}

/** What histories of commands brought to light in answers, each in the fewest commands that show it. */
describe('found on the way', () => {
  const open = { command: 'OpenDeal', id: DEAL, data: { value } };
  const revise = { command: 'ReviseDeal', id: DEAL, data: { title: 'Fleet' } };

  it('a deal is not gone while models stand between two events of one millisecond', async () => {
    await given([
      { line: open, at: first },
      { line: { command: 'ReviewDeal', id: DEAL, data: {} }, at: second },
      { line: revise, at: second },
    ]);
    await kept.pool.query(`update ops.checkpoints set position = 2 where generation like 'sellers%'`);
    const { status, body } = await ask.get('/v1/pipeline/board');
    expect([status, body.position, body.total.count]).toEqual([200, '1', 1]);
  });

  it('what ends at the as-of moment is among what ended in a period that lasts up to it', async () => {
    await given([
      { line: open, at: first },
      { line: { command: 'LoseDeal', id: DEAL, data: { reason: 'price' } }, at: second },
    ]);
    const { body } = await ask.get(at(`/v1/pipeline/flow?from=${first}`, { asOf: second }));
    expect(body.total.lost.count).toBe(1);
    const [inE] = body.total.timeInStage;
    expect([inE.ended, inE.ongoing]).toEqual([1, 0]);
    const upTo = await ask.get(`/v1/pipeline/flow?from=${first}&to=${second}`);
    expect(upTo.body.total.lost.count).toBe(0);
    expect(upTo.body.total.timeInStage[0]).toMatchObject({ ended: 0, ongoing: 1 });
  });

  it('before the first event there is nothing, after the last one there is what is known, older by then', async () => {
    await given([
      { line: open, at: first },
      { line: revise, at: second },
    ]);
    const early = parseInstant('2020-01-01T00:00:00Z');
    for (const moments of [{ asOf: early }, { asKnownAt: early }, { asOf: early, asKnownAt: early }]) {
      const board = await ask.get(at('/v1/pipeline/board', moments));
      expect(board.body).toMatchObject({ total: { count: 0 }, policyVersion: 0, ...moments });
      expect(board.body.position).toBe('asKnownAt' in moments ? '0' : '2');
      expect((await ask.get(at('/v1/deals', moments))).body.items).toEqual([]);
      expect((await ask.get(at('/v1/events', moments))).body.items).toEqual([]);
      expect(await ask.get(at(`/v1/deals/${DEAL}`, moments))).toMatchObject({
        status: 404,
        body: { code: 'deal.unknown' },
      });
    }
    const asOf = parseInstant('2025-01-11T00:00:00Z');
    const board = await ask.get(at('/v1/pipeline/board', { asOf }));
    expect(board.body).toMatchObject({ asOf, position: '2', total: { count: 1, ageDays: { mean: 10 } } });
    const deal = await ask.get(at(`/v1/deals/${DEAL}`, { asOf, asKnownAt: asOf }));
    expect(deal.body).toMatchObject({ asOf, asKnownAt: asOf, position: '2', title: 'Fleet' });
  });
});
