import { randomUUID } from 'node:crypto';
import { parseInstant } from '@guanxi/kernel';
import { ADMIN, Running } from '../testing/running';
import type { Ran } from '../testing/ran';
import { ran } from '../testing/ran';

const SECRET = 'Wang Xiaoming, 13800000000';

describe('parked keys of the running product', () => {
  let running: Running;
  beforeAll(async () => {
    running = await Running.start();
  });
  afterAll(() => running.stop());

  const guanxi = (...argv: readonly string[]): Promise<Ran> =>
    ran(['dead-letters', ...argv], { ...running.env, DATABASE_URL: running.databaseUrl });

  async function ask(method: string, path: string, body?: object) {
    const response = await fetch(`${running.product.url}${path}`, {
      method,
      headers: { authorization: `Bearer ${ADMIN}`, ...(body ? { 'content-type': 'application/json' } : {}) },
      ...(body ? { body: JSON.stringify(body) } : {}),
    });
    return { status: response.status, text: await response.text() };
  }

  /** A deal that was opened without a value, as no command would do it, and reviewed afterwards. */
  async function poisoned(): Promise<string> {
    const id = randomUUID();
    const at = parseInstant('2026-01-10T00:00:00.000Z');
    const told = [
      { type: 'deal-opened.v1', data: { title: SECRET } },
      { type: 'deal-reviewed.v1', data: {} },
    ];
    const events = told.map((each) => ({ ...each, id: randomUUID(), occurredAt: at }));
    await running.product.store.append([{ stream: `deal-${id}`, expected: 'new', events }], {
      ...{ commandId: randomUUID(), command: 'Test', commandHash: '', correlationId: randomUUID() },
      ...{ actor: 'test', tenant: 'default', policyVersion: 0 },
    });
    await running.caughtUp();
    return id;
  }

  it('are none at first', async () => {
    expect(await guanxi('list')).toMatchObject({ code: 0, out: 'no key is parked\n' });
    expect((await guanxi('list', '--json')).json).toEqual({ items: [] });
    expect((await guanxi('retry', '--all', '--json')).json).toEqual({ items: [], healed: 0, left: 0 });
  });

  it('are listed, shown, counted, tried again and skipped', async () => {
    const id = await poisoned();
    const { out } = await guanxi('list');
    expect(out).toMatch(new RegExp(`deals_v\\d+ +${id} +deal-opened.v1`));
    expect(out).toContain(`guanxi dead-letters show ${id}`);
    expect((await guanxi('list', '--model', 'customers', '--json')).json).toEqual({ items: [] });

    const shown = await guanxi('show', id);
    expect(shown.out).toMatch(/TypeError[^]*halted at[^]*deal-opened.v1[^]*waiting[^]*deal-reviewed.v1/);
    expect(shown.out).not.toContain(SECRET);
    expect((await guanxi('show', id, '--data')).out).toContain(SECRET);

    const doctor = await ran(['doctor'], running.env);
    expect(doctor.out).toMatch(/not ok {2}parked keys: deals: 1\n +.*guanxi dead-letters list --model deals/);
    expect((await ask('GET', '/metrics')).text).toMatch(/guanxi_projection_parked_keys\{model="deals"\} 1/);

    const retried = await guanxi('retry', id, '--json');
    expect(retried).toMatchObject({
      code: 1,
      json: { healed: 0, left: 1, items: [{ key: id, status: 'parked' }] },
    });

    const skipped = await guanxi('skip', id, '--reason', 'written by hand');
    expect(skipped).toMatchObject({
      err: '',
      code: 0,
      out: expect.stringMatching(/^skipped deal-opened.v1 at position \d+/),
    });
    expect(await guanxi('list')).toMatchObject({ out: 'no key is parked\n' });
    expect(await guanxi('skip', id, '--reason', 'again')).toMatchObject({
      code: 1,
      err: expect.stringContaining('dead-letter.unknown'),
    });
    await running.caughtUp();
    const { out: after } = await ran(['doctor'], running.env);
    expect(after).toContain('ok      parked keys: none');
  });

  it('can be seen to over HTTP by who operates, without what the events say', async () => {
    const id = await poisoned();
    const route = '/v1/operations/dead-letters';
    const list = await ask('GET', `${route}?model=deals`);
    expect(JSON.parse(list.text)).toMatchObject({
      items: [{ key: id, waiting: 1, event: { type: 'deal-opened.v1' } }],
    });
    const detail = await ask('GET', `${route}/${id}`);
    expect(JSON.parse(detail.text)).toMatchObject({
      items: [{ halted: { revision: 0 }, behind: [{ revision: 1 }] }],
    });
    expect(detail.text).not.toContain(SECRET);
    expect((await ask('POST', `${route}/retry`, {})).status).toBe(400);
    const retried = await ask('POST', `${route}/retry`, { model: 'deals' });
    expect(JSON.parse(retried.text)).toMatchObject({ items: [{ status: 'parked' }] });
    expect((await ask('POST', `${route}/${id}/skip`, { reason: '' })).status).toBe(400);
    expect((await ask('POST', `${route}/${randomUUID()}/skip`, { reason: 'x' })).status).toBe(404);
    const skipped = await ask('POST', `${route}/${id}/skip`, { reason: 'by hand' });
    expect(JSON.parse(skipped.text)).toMatchObject({
      isNew: true,
      skip: { model: 'deals', key: id, reason: 'by hand' },
      retried: [{ status: 'healed' }],
    });
  });

  it.each([
    [['retry'], /name a key, or --model/],
    [['retry', 'x', '--all'], /not both/],
    [['skip', 'x'], /required option '--reason/],
  ])('%j is wrong use', async (argv, reason) => {
    expect(await guanxi(...argv)).toMatchObject({ code: 2, err: expect.stringMatching(reason) });
  });

  it('are refused in clear words', async () => {
    expect((await guanxi('show', 'nonsense')).err).toMatch(/UUID/);
    expect((await guanxi('list', '--model', 'nonsense')).err).toMatch(/no read model nonsense; there are/);
  });
});
