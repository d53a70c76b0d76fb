import type { Json, RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';

const value = (amount: number): Json => ({ amount, currency: 'CNY' });

describe('figures of sellers who move', () => {
  let it_: RunningProduct;
  let west: Json;
  let deal: Json;

  beforeAll(async () => {
    it_ = await runningProduct();
    west = await it_.send('/v1/sellers', {
      name: 'A seller',
      region: 'West',
      occurredAt: '2026-01-01T00:00:00Z',
    });
    const opened = { value: value(700), owner: west.id, occurredAt: '2026-01-10T00:00:00Z' };
    deal = await it_.send('/v1/deals', opened);
    await it_.send(`/v1/sellers/${west.id}/revise`, { region: 'East', occurredAt: '2026-02-01T00:00:00Z' });
  });
  afterAll(() => it_.stop());

  const board = (asOf: string, region: string) => it_.get(`/v1/pipeline/board?asOf=${asOf}&region=${region}`);

  it.each([
    ['West', { count: 1, value: value(700) }, { count: 0, value: value(0) }, -1],
    ['East', { count: 0, value: value(0) }, { count: 1, value: value(700) }, 1],
  ])(
    'tell the waterfall of region %s from one board to the other',
    async (region, opening, closing, moved) => {
      const [from, to] = ['2026-01-20T00:00:00Z', '2026-02-20T00:00:00Z'];
      const waterfall = await it_.get(`/v1/pipeline/waterfall?from=${from}&to=${to}&region=${region}`);
      const [before, after] = [await board(from, region), await board(to, region)];
      expect(waterfall.opening.count).toBe(before.total.count);
      expect(waterfall.closing.count).toBe(after.total.count);
      expect([waterfall.opening.count, waterfall.closing.count]).toEqual([opening.count, closing.count]);
      expect(waterfall.movements.find(({ kind }: Json) => kind === 'reassigned').count).toBe(moved);
      const sum = waterfall.movements.reduce((total: number, m: Json) => total + m.value.amount, 0);
      expect(waterfall.opening.value.amount + sum).toBe(waterfall.closing.value.amount);
    },
  );

  it('leave a win with who had the deal when it was won, also after a correction of its value', async () => {
    const east = await it_.send('/v1/sellers', { name: 'Another', region: 'East', externalRef: 'E-1' });
    const imported = await it_.send('/v1/imported-deals', {
      stage: 'won',
      value: value(1_000),
      owner: west.id,
      openedAt: '2026-03-01T00:00:00Z',
      closedAt: '2026-03-10T00:00:00Z',
      assumed: ['firstMeeting', 'criteria', 'verbalAgreement', 'evidence'],
    });
    const before = (await it_.get('/v1/pipeline/board')).asOf;
    await it_.send(`/v1/deals/${imported.id}/assign-owner`, { owner: east.id });
    await it_.send(`/v1/deals/${imported.id}/correct`, {
      value: value(1_200),
      reason: 'The invoice said more',
      occurredAt: '2026-03-10T00:00:00Z',
    });
    const flow = (more: string) =>
      it_.get(`/v1/pipeline/flow?from=2026-03-01T00:00:00Z&to=2026-04-01T00:00:00Z&by=owner${more}`);
    const known = await flow('');
    expect(known.groups.map((group: Json) => [group.id, group.won])).toEqual([
      [west.id, { count: 1, value: value(1_200) }],
    ]);
    const then = await flow(`&asKnownAt=${before}`);
    expect(then.total.won).toEqual({ count: 1, value: value(1_000) });
    expect((await it_.get(`/v1/deals/${deal.id}`)).status).toBe('open');
  });
});
