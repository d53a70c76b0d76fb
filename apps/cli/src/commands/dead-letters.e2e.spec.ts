import { randomUUID } from 'node:crypto';
import { setTimeout as pause } from 'node:timers/promises';
import type { NewEvent } from '@guanxi/event-store';
import { instantOf, parseInstant } from '@guanxi/kernel';
import { ADMIN, Running } from '../testing/running';
import type { Ran } from '../testing/ran';
import { ran } from '../testing/ran';

const AT = parseInstant('2026-01-10T00:00:00.000Z');
const ROUTE = '/v1/operations/dead-letters';
const SECRET = 'Wang Xiaoming, 13800000000';

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await pause(50);
}

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
    const told = [
      { type: 'deal-opened.v1', data: { title: SECRET } },
      { type: 'deal-reviewed.v1', data: {} },
    ];
    const events = told.map((each) => ({ ...each, id: randomUUID(), occurredAt: AT }));
    await tell(`deal-${id}`, events);
    return id;
  }

  async function tell(stream: string, events: readonly NewEvent[]): Promise<void> {
    await running.product.store.append([{ stream, expected: 'new', events }], {
      ...{ commandId: randomUUID(), command: 'Test', commandHash: '', correlationId: randomUUID() },
      ...{ actor: 'test', tenant: 'default', policyVersion: 0 },
    });
    await running.caughtUp();
  }

  it('are none at first', async () => {
    const note = 'relay: nothing was published to Kafka yet (KAFKA_BROKERS is not set here)';
    expect(await guanxi('list')).toMatchObject({ code: 0, out: `no key is parked\n${note}\n` });
    expect((await guanxi('list', '--json')).json).toEqual({ items: [], notes: [note] });
    expect((await guanxi('list', '--source', 'read-model')).out).toBe('no key is parked\n');
    expect((await guanxi('retry', '--all', '--json')).json).toEqual({
      ...{ items: [], healed: 0, asked: 0, left: 0 },
    });
  });

  it('are listed, shown, counted, tried again and skipped', async () => {
    const id = await poisoned();
    const { out } = await guanxi('list');
    expect(out).toMatch(new RegExp(`read-model +deals_v\\d+ +${id} +deal-opened.v1`));
    expect(out).toContain(`guanxi dead-letters show ${id}`);
    expect((await guanxi('list', '--model', 'customers', '--json')).json).toEqual({ items: [], notes: [] });

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
    expect((await guanxi('list', '--json')).json).toMatchObject({ items: [] });
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
    const list = await ask('GET', `${ROUTE}?model=deals`);
    expect(JSON.parse(list.text)).toMatchObject({
      items: [{ key: id, waiting: 1, event: { type: 'deal-opened.v1' } }],
    });
    const detail = await ask('GET', `${ROUTE}/${id}`);
    expect(JSON.parse(detail.text)).toMatchObject({
      items: [{ halted: { revision: 0 }, behind: [{ revision: 1 }] }],
    });
    expect(detail.text).not.toContain(SECRET);
    expect((await ask('POST', `${ROUTE}/retry`, {})).status).toBe(400);
    const retried = await ask('POST', `${ROUTE}/retry`, { model: 'deals' });
    expect(JSON.parse(retried.text)).toMatchObject({ items: [{ status: 'parked' }] });
    expect((await ask('POST', `${ROUTE}/${id}/skip`, { reason: '' })).status).toBe(400);
    expect((await ask('POST', `${ROUTE}/${randomUUID()}/skip`, { reason: 'x' })).status).toBe(404);
    const skipped = await ask('POST', `${ROUTE}/${id}/skip`, { reason: 'by hand' });
    expect(JSON.parse(skipped.text)).toMatchObject({
      isNew: true,
      skip: { model: 'deals', key: id, reason: 'by hand' },
      retried: [{ status: 'healed' }],
    });
  });

  it('are those of policies, too, which a worker tries again while it runs', async () => {
    const id = randomUUID();
    const filed = {
      ...{ type: 'complaint-filed.v1', id: randomUUID(), occurredAt: instantOf(new Date()) },
      data: { anonymous: true, channel: 'phone', cause: 'unknown', severity: 3 },
    };
    await tell(`complaint-${id}`, [filed]);
    const generation = 'policy_complaint_clock_v1';
    const { pool } = running.product;
    const { position } = await running.product.store.head();
    await until(async () => {
      const { rows } = await pool.query(
        'select from ops.checkpoints where generation = $1 and position < $2',
        [generation, String(position)],
      );
      return rows.length === 0;
    });
    // As an older release may have left it, whose code could not take it in: without its timers.
    await pool.query('delete from ops.timers where key = $1', [id]);
    await pool.query(
      `insert into ops.parked_keys (generation, id, stream, position, error, event_id, event_type)
       select $1, $2, $3, 1, 'no such clock', $4, $5`,
      [generation, id, `complaint-${id}`, filed.id, filed.type],
    );
    const { out } = await guanxi('list');
    expect(out).toMatch(new RegExp(`policy +${generation} +${id} +complaint-filed.v1`));
    expect((await guanxi('show', id)).out).toMatch(/no such clock[^]*guanxi dead-letters retry/);
    expect((await ran(['doctor'], running.env)).out).toMatch(
      /not ok {2}parked keys of policies: complaint_clock: 1\n +.*dead-letters list --source policy/,
    );
    expect((await ask('GET', '/metrics')).text).toMatch(
      /guanxi_policy_parked_keys\{policy="complaint_clock"\} 1/,
    );
    expect(JSON.parse((await ask('GET', `${ROUTE}?policy=complaint_clock`)).text)).toMatchObject({
      items: [{ source: 'policy', policy: 'complaint_clock', key: id, error: 'no such clock' }],
    });

    expect(await guanxi('skip', id, '--reason', 'x')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/of a policy, which leaves no event out[^]*dead-letter.not-skippable/),
    });
    expect((await ask('POST', `${ROUTE}/${id}/skip`, { reason: 'x' })).status).toBe(409);
    expect(await guanxi('retry', id, '--json')).toMatchObject({
      code: 0,
      json: { healed: 0, asked: 1, left: 0, items: [{ source: 'policy', key: id, status: 'asked' }] },
    });
    await until(async () => {
      const { json } = await guanxi('list', '--policy', 'complaint_clock', '--json');
      return JSON.stringify(json) === '{"items":[],"notes":[]}';
    });
    const { rows } = await pool.query('select from ops.timers where key = $1', [id]);
    expect(rows.length).toBeGreaterThan(0);
  });

  it('are those of the relay, too, where no brokers are known', async () => {
    const id = randomUUID();
    const stream = `deal-${id}`;
    const { pool } = running.product;
    await pool.query(
      `insert into ops.relay (name, phase, reason, position, holder, since, updated_at)
       values ('relay', 'waiting', 'no broker answers', 1, 'elsewhere:1', now(), now() - interval '1 minute')`,
    );
    await pool.query(
      `insert into ops.relay_parked (stream, position, type, contract, reason)
       values ($1, 1, 'deal-opened.v1', 'deal-opened.v1', 'too large')`,
      [stream],
    );
    const { out } = await guanxi('list');
    expect(out).toMatch(new RegExp(`relay +deal-opened.v1 +${stream}`));
    expect(out).toMatch(
      /relay: it does not publish \(waiting: no broker answers, last heard of \d+ s ago\) \(KAFKA_BROKERS is not set/,
    );
    expect((await guanxi('show', stream)).out).toMatch(/too large[^]*raise the limit/);
    expect(await guanxi('skip', stream, '--reason', 'x')).toMatchObject({
      code: 1,
      err: expect.stringMatching(/once and in order[^]*dead-letter.not-skippable/),
    });
    expect(await guanxi('retry', '--source', 'relay')).toMatchObject({
      code: 0,
      out: expect.stringMatching(/^1 asked for\n.*as soon as it publishes\n/),
    });
    const wanted = async () => {
      const { rows } = await pool.query<{ at: Date | null }>(
        'select retry_wanted_at as at from ops.relay_parked',
      );
      return rows.map(({ at }) => at !== null);
    };
    expect(await wanted()).toEqual([true]);
    await pool.query('update ops.relay_parked set retry_wanted_at = null');
    const retried = await ask('POST', `${ROUTE}/retry`, { key: id });
    expect(JSON.parse(retried.text)).toMatchObject({
      items: [{ letter: { source: 'relay', key: stream, isWanted: true }, status: 'asked' }],
    });
    expect(await wanted()).toEqual([true]);
    await pool.query('truncate ops.relay, ops.relay_parked');
  });

  it.each([
    [['retry'], /name a key, or --model/],
    [['retry', 'x', '--all'], /not both/],
    [['list', '--source', 'webhooks'], /Allowed choices are read-model, policy, relay/],
    [['skip', 'x'], /required option '--reason/],
  ])('%j is wrong use', async (argv, reason) => {
    expect(await guanxi(...argv)).toMatchObject({ code: 2, err: expect.stringMatching(reason) });
  });

  it('are refused in clear words', async () => {
    expect((await guanxi('show', 'nonsense')).err).toMatch(/UUID/);
    expect((await guanxi('list', '--model', 'nonsense')).err).toMatch(/no read model nonsense; there are/);
    expect((await guanxi('list', '--policy', 'nonsense')).err).toMatch(
      /no policy nonsense; there are complaint_clock/,
    );
    expect((await guanxi('list', '--policy', 'x', '--model', 'deals')).err).toMatch(/names one source/);
    expect((await guanxi('retry', `deal-${randomUUID()}`)).err).toMatch(/dead-letter.unknown/);
    expect((await ask('GET', `${ROUTE}?source=webhooks`)).status).toBe(400);
  });
});
