import { customersContext } from '@guanxi/customers';
import { parseInstant } from '@guanxi/kernel';
import { steeringContext } from '@guanxi/steering';
import { randomUUID } from 'node:crypto';
import type { RunningContexts } from '../../../../test/support/contexts';
import { runContexts } from '../../../../test/support/contexts';
import { complaintsContext } from '../complaints.context';
import { ComplaintParameters, listComplaints, listModels, oneComplaint } from './complaint-list';
import { complaints } from './complaints';
import type { Figures, FiguresGroup } from './figures';
import { figureModels, figures } from './figures';

interface When {
  readonly asOf?: string;
  readonly asKnownAt?: string;
}

describe('complaints on PostgreSQL', () => {
  let running: RunningContexts;

  beforeAll(async () => {
    running = await runContexts([customersContext, steeringContext, complaintsContext]);
  });
  afterAll(() => running.stop());

  const asked = ({ asOf, asKnownAt }: When) => ({
    ...(asOf === undefined ? {} : { asOf: parseInstant(asOf) }),
    ...(asKnownAt === undefined ? {} : { asKnownAt: parseInstant(asKnownAt) }),
  });
  const ask = (parameters: { from?: string; to?: string; by?: string }, when: When = {}) =>
    running.queries.answer(figureModels, asked(when), (snapshot) => figures(snapshot, parameters));
  const file = (id: string, when: When = {}) =>
    running.queries.answer([complaints], asked(when), (snapshot) => oneComplaint(snapshot, id));
  const list = (parameters: Partial<ComplaintParameters>, when: When = {}) =>
    running.queries.answer(listModels, asked(when), (snapshot) =>
      listComplaints(snapshot, { ...new ComplaintParameters(), ...parameters }),
    );
  const open = async (at: string, data: object = {}): Promise<string> => {
    const id = randomUUID();
    await running.send(
      'FileComplaint',
      id,
      { anonymous: true, channel: 'web', cause: 'promise-broken', ...data },
      at,
    );
    return id;
  };
  const solution = { regret: 'sorry', correction: 'tomorrow', remedy: 'dates are confirmed first' };
  const resolve = async (id: string, at: string): Promise<void> => {
    await running.send('ProposeSolution', id, solution, at);
    await running.send('ResolveComplaint', id, { resolution: 'done', kind: 'explanation' }, at);
  };

  it('tell of a complaint what was true at a moment, and what was known of it then', async () => {
    const id = await open('2026-01-05T08:00:00Z', { complainantType: 'venting', severity: 2 });
    const before = running.now();
    await running.send('AcknowledgeComplaint', id, { by: 'front desk' }, '2026-01-05T18:00:00Z');

    expect(await file(id, { asOf: '2026-01-05T12:00:00Z' })).toMatchObject({
      status: 'filed',
      answeredInTime: null,
    });
    expect(await file(id)).toMatchObject({
      status: 'acknowledged',
      firstAnswerAt: '2026-01-05T18:00:00.000Z',
      answeredInTime: true,
      severity: 2,
      handling: expect.arrayContaining([expect.any(String)]),
    });
    expect(await file(id, { asKnownAt: before })).toMatchObject({ status: 'filed' });
    await expect(file(id, { asOf: '2026-01-05T07:00:00Z' })).rejects.toMatchObject({
      code: 'complaint.unknown',
    });
  });

  it('keep the whole way of a complaint, and start again when it is opened again', async () => {
    const id = await open('2026-01-10T00:00:00Z');
    const owner = randomUUID();
    await running.send('AssignComplaint', id, { owner }, '2026-01-10T01:00:00Z');
    await running.send('EscalateComplaint', id, { reason: 'important' }, '2026-01-10T02:00:00Z');
    await running.send('RecordFinding', id, { known: 'left late' }, '2026-01-10T03:00:00Z');
    await running.send('AcknowledgeComplaint', id, {}, '2026-01-12T00:00:00Z');
    await running.send(
      'ProposeSolution',
      id,
      { ...solution, redress: { text: 'carriage' } },
      '2026-01-13T00:00:00Z',
    );
    await running.send('AnswerProposal', id, { accepted: true }, '2026-01-13T00:00:00Z');
    await running.send('ResolveComplaint', id, { resolution: 'done' }, '2026-01-14T00:00:00Z');
    await running.send('FollowUpComplaint', id, { reached: false }, '2026-01-15T00:00:00Z');
    await running.send('FollowUpComplaint', id, { reached: true, satisfied: true }, '2026-01-16T00:00:00Z');
    await running.send('CloseComplaint', id, {}, '2026-01-17T00:00:00Z');
    await running.send('ReopenComplaint', id, { reason: 'broke again' }, '2026-01-20T00:00:00Z');

    expect(await file(id, { asOf: '2026-01-18T00:00:00Z' })).toMatchObject({
      status: 'closed',
      owner,
      level: 'middle',
      findings: [{ known: 'left late' }],
      answeredInTime: false,
      proposal: { ...solution, redress: { text: 'carriage' } },
      proposalAccepted: true,
      resolvedAt: '2026-01-14T00:00:00.000Z',
      followUpReached: true,
      followUpsFailed: 1,
      satisfied: true,
      closedAt: '2026-01-17T00:00:00.000Z',
      reopenedCount: 0,
    });
    expect(await file(id)).toMatchObject({
      status: 'acknowledged',
      level: 'middle',
      proposal: null,
      resolvedAt: null,
      closedAt: null,
      satisfied: null,
      followUpsFailed: 0,
      reopenedCount: 1,
      reopenReason: 'broke again',
    });
  });

  describe('in figures', () => {
    it('refuses a period that ends before it begins; one of no length has none', async () => {
      const [early, late] = ['2026-01-01T00:00:00Z', '2025-12-31T23:30:00-01:00'];
      await expect(ask({ from: late, to: early })).rejects.toMatchObject({
        code: 'input.invalid',
        errors: [{ field: 'to', rule: 'notBeforeFrom' }],
      });
      expect((await ask({ from: early, to: early })).total.filed).toBe(0);
    });

    const march = { from: '2026-03-01T00:00:00Z', to: '2026-04-01T00:00:00Z' };
    const customerId = randomUUID();
    const product = randomUUID();
    const owner = randomUUID();
    let learned: string;

    beforeAll(async () => {
      await running.send('RegisterCustomer', customerId, {
        kind: 'end',
        party: 'organisation',
        name: 'Ningbo Trading',
        externalRef: 'NB',
      });
      await running.send(
        'DefineProduct',
        product,
        { name: 'GTX Pro', externalRef: 'GTX' },
        '2026-01-01T00:00:00Z',
      );
      await running.send(
        'DefineSeller',
        owner,
        { name: 'Lin Mei', externalRef: 'S-7' },
        '2026-01-01T00:00:00Z',
      );
      // a: answered after 6 hours, resolved after 48.
      const a = await open('2026-03-02T00:00:00Z', {
        anonymous: false,
        customerId,
        product: 'GTX',
        region: 'East',
      });
      await running.send('AssignComplaint', a, { owner }, '2026-03-02T01:00:00Z');
      await running.send('AcknowledgeComplaint', a, {}, '2026-03-02T06:00:00Z');
      await resolve(a, '2026-03-04T00:00:00Z');
      // b: same customer, same cause; answered after 30 hours; resolved after 100, opened again, resolved after 200.
      const b = await open('2026-03-09T00:00:00Z', {
        anonymous: false,
        customerId,
        product,
        attributes: { plan: 'gold' },
      });
      await running.send('AcknowledgeComplaint', b, {}, '2026-03-10T06:00:00Z');
      await resolve(b, '2026-03-13T04:00:00Z');
      await running.send('ReopenComplaint', b, { reason: 'broke again' }, '2026-03-16T00:00:00Z');
      await resolve(b, '2026-03-17T08:00:00Z');
      // c: never answered, still open. d: taken back within a day. e: imported, answered in time by its source's word.
      await open('2026-03-20T00:00:00Z', { product: 'Widget', cause: 'not-solved' });
      const d = await open('2026-03-21T00:00:00Z', { cause: 'treated-rudely' });
      await running.send('WithdrawComplaint', d, {}, '2026-03-21T05:00:00Z');
      await running.send('ImportComplaint', randomUUID(), {
        channel: 'letter',
        cause: 'unknown',
        filedAt: '2026-03-25T00:00:00Z',
        acknowledgedAt: '2026-03-28T00:00:00Z',
        answeredInTime: true,
        resolution: 'explanation',
        resolvedAt: '2026-03-28T00:00:00Z',
        assumed: ['cause', 'severity', 'resolvedAt', 'proposal'],
      });
      // f: filed on the last of March, the answer within the day learned only later.
      const f = await open('2026-03-31T00:00:00Z', { channel: 'phone' });
      learned = running.now();
      await running.send('AcknowledgeComplaint', f, {}, '2026-03-31T12:00:00Z');
      // Not in March.
      await open('2026-04-01T00:00:00Z');
      await open('2026-02-28T23:59:59Z');
    });

    it('stand as the record says', async () => {
      const expected: Figures = {
        filed: 6,
        open: 2,
        answered: 4,
        answeredInTime: 3,
        timeliness: 3 / 5,
        resolved: 3,
        resolutionRate: 1 / 2,
        reopened: 1,
        withdrawn: 1,
        repeat: 1,
        medianHoursToFirstAnswer: 21,
        medianHoursToResolution: 124,
      };
      expect((await ask(march)).total).toEqual(expected);
    });

    it('stand as they stood, and as they were known', async () => {
      expect((await ask(march, { asOf: '2026-03-14T00:00:00Z' })).total).toMatchObject({
        filed: 2,
        resolved: 2,
        reopened: 0,
        medianHoursToResolution: 74,
      });
      expect((await ask(march, { asOf: '2026-03-16T12:00:00Z' })).total).toMatchObject({
        filed: 2,
        open: 1,
        resolved: 1,
        reopened: 1,
      });
      const at = '2026-03-31T18:00:00Z';
      expect((await ask(march, { asOf: at })).total).toMatchObject({ answered: 4, answeredInTime: 3 });
      expect((await ask(march, { asOf: at, asKnownAt: learned })).total).toMatchObject({
        answered: 3,
        answeredInTime: 2,
        timeliness: 2 / 4,
      });
    });

    it('count an answer as due a day after filing, not before', async () => {
      const day = { from: '2026-03-20T00:00:00Z', to: '2026-03-20T00:00:01Z' };
      expect((await ask(day, { asOf: '2026-03-20T23:59:59Z' })).total.timeliness).toBeNull();
      expect((await ask(day, { asOf: '2026-03-21T00:00:00Z' })).total.timeliness).toBe(0);
    });

    it('are null of nothing', async () => {
      expect((await ask({ from: '2020-01-01T00:00:00Z', to: '2020-02-01T00:00:00Z' })).total).toMatchObject({
        filed: 0,
        timeliness: null,
        resolutionRate: null,
        medianHoursToFirstAnswer: null,
      });
    });

    const keysBy = async (
      by: string,
    ): Promise<readonly (readonly [string, string | null, string, number])[]> => {
      const { groups = [] } = await ask({ ...march, by });
      return groups.map(({ key, id, label, filed }: FiguresGroup) => [key, id, label, filed] as const);
    };

    it('split by what a complaint says', async () => {
      expect(await keysBy('cause')).toEqual([
        ['promise-broken', null, 'promise-broken', 3],
        ['not-solved', null, 'not-solved', 1],
        ['treated-rudely', null, 'treated-rudely', 1],
        ['unknown', null, 'unknown', 1],
      ]);
      expect(await keysBy('region')).toEqual([
        ['(none)', null, '(none)', 5],
        ['East', null, 'East', 1],
      ]);
      expect(await keysBy('attributes.plan')).toEqual([
        ['(none)', null, '(none)', 5],
        ['gold', null, 'gold', 1],
      ]);
      expect(await keysBy('severity')).toEqual([['3', null, '3', 6]]);
      expect(await keysBy('complainantType')).toEqual([['(none)', null, '(none)', 6]]);
    });

    it('split by names where what is named is known', async () => {
      expect(await keysBy('product')).toEqual([
        ['(none)', null, '(none)', 3],
        ['GTX', product, 'GTX Pro', 2],
        ['Widget', null, 'Widget', 1],
      ]);
      expect(await keysBy('customer')).toEqual([
        ['(none)', null, '(none)', 4],
        ['NB', customerId, 'Ningbo Trading', 2],
      ]);
      expect(await keysBy('owner')).toEqual([
        ['(none)', null, '(none)', 5],
        ['S-7', owner, 'Lin Mei', 1],
      ]);
    });

    it('split by periods of filing, in the order of time', async () => {
      expect((await keysBy('week')).map(([key, , , filed]) => [key, filed])).toEqual([
        ['2026-W10', 1],
        ['2026-W11', 1],
        ['2026-W12', 2],
        ['2026-W13', 1],
        ['2026-W14', 1],
      ]);
      expect((await keysBy('month')).map(([key, , , filed]) => [key, filed])).toEqual([['2026-03', 6]]);
      expect(await keysBy('day')).toHaveLength(6);
    });

    it('refuse a split that does not exist', async () => {
      await expect(ask({ ...march, by: 'colour' })).rejects.toMatchObject({
        code: 'input.invalid',
        errors: [expect.objectContaining({ field: 'by' })],
      });
    });

    it('rest on complaints that can be listed', async () => {
      const march9 = '2026-03-09T00:00:00.000Z';
      const filedAt = async (parameters: Partial<ComplaintParameters>) =>
        (await list({ ...parameters, sort: 'filedAt' }, {})).items
          .map((item) => item.filedAt)
          .filter((at) => at >= march.from && at < march.to);
      expect(await filedAt({ product: 'GTX' })).toEqual(['2026-03-02T00:00:00.000Z', march9]);
      expect(await filedAt({ product })).toEqual(['2026-03-02T00:00:00.000Z', march9]);
      expect(await filedAt({ product: 'Widget' })).toEqual(['2026-03-20T00:00:00.000Z']);
      expect(await filedAt({ customerId: 'NB', status: ['resolved'] })).toEqual([
        '2026-03-02T00:00:00.000Z',
        march9,
      ]);
      expect(await filedAt({ customerId })).toHaveLength(2);
      expect(await filedAt({ owner: 'S-7' })).toEqual(['2026-03-02T00:00:00.000Z']);
      expect(await filedAt({ attribute: ['plan:gold'] })).toEqual([march9]);
      expect(await filedAt({ channel: ['letter', 'phone'] })).toHaveLength(2);
      expect(await filedAt({ cause: ['treated-rudely'], severity: 3, level: ['front'] })).toHaveLength(1);
      expect(await filedAt({ region: 'West' })).toEqual([]);
    });
  });
});
