import { randomUUID } from 'node:crypto';
import type { Json, RunningProduct } from '../support/product';
import { runningProduct } from '../support/product';

interface Refusal {
  readonly status: number;
  readonly code: string;
  readonly field?: string;
  readonly rule?: string;
  /** The field that a rule of the domain speaks of. */
  readonly about?: string;
}

const usd = (amount: number) => ({ amount, currency: 'USD' });

describe('bad input to the whole product', () => {
  let product: RunningProduct;
  const ids = { customer: '', open: '', lost: '', purchase: '' };

  beforeAll(async () => {
    product = await runningProduct();
    const { send } = product;
    ids.customer = (await send('/v1/customers', { name: 'Acme' })).id;
    ids.open = (await send('/v1/deals', { value: usd(100) })).id;
    ids.lost = (await send('/v1/deals', { value: usd(100) })).id;
    await send(`/v1/deals/${ids.lost}/lose`, { reason: 'price' });
    const lines = [{ product: 'A', quantity: 1, revenue: 100 }];
    const purchase = { customerId: ids.customer, currency: 'USD', lines };
    ids.purchase = (await send('/v1/purchases', purchase)).id;
  });
  afterAll(() => product.stop());

  const bulk = async (lines: readonly unknown[]): Promise<readonly Json[]> => {
    const body = lines.map((line) => (typeof line === 'string' ? line : JSON.stringify(line))).join('\n');
    const answer = await product.ask('POST', '/v1/commands', body, {
      'content-type': 'application/x-ndjson',
    });
    const text = await answer.text();
    return text
      .trimEnd()
      .split('\n')
      .map((line): Json => JSON.parse(line));
  };

  const deal = (more: object) => ({ value: usd(1), ...more });

  it.each<[string, string, unknown, Refusal]>([
    [
      'an unknown field',
      '/v1/deals',
      deal({ vlaue: 1 }),
      { status: 400, code: 'input.invalid', field: 'vlaue', rule: 'unknownField' },
    ],
    [
      'a wrong type',
      '/v1/deals',
      deal({ title: 7 }),
      { status: 400, code: 'input.invalid', field: 'title', rule: 'isString' },
    ],
    [
      'null for text',
      '/v1/deals',
      deal({ title: null }),
      { status: 400, code: 'input.invalid', field: 'title', rule: 'isString' },
    ],
    [
      'null for lines',
      '/v1/deals',
      deal({ lines: null }),
      { status: 400, code: 'input.invalid', field: 'lines', rule: 'fitsSchema' },
    ],
    [
      'null for an id',
      '/v1/deals',
      deal({ owner: null }),
      { status: 400, code: 'input.invalid', field: 'owner', rule: 'isUuid' },
    ],
    [
      'a bad UUID',
      '/v1/deals',
      deal({ customerId: '17' }),
      { status: 400, code: 'input.invalid', field: 'customerId', rule: 'isUuid' },
    ],
    [
      'a bad id in the path',
      '/v1/deals/17/review',
      {},
      { status: 400, code: 'input.invalid', field: 'id', rule: 'isUuid' },
    ],
    [
      'a float amount',
      '/v1/deals',
      { value: usd(1.5) },
      { status: 400, code: 'input.invalid', field: 'value', rule: 'isMoney' },
    ],
    [
      'a huge amount',
      '/v1/deals',
      { value: usd(2 ** 53) },
      { status: 400, code: 'input.invalid', field: 'value', rule: 'isMoney' },
    ],
    [
      'a date without offset',
      '/v1/deals',
      deal({ occurredAt: '2026-01-01T00:00:00' }),
      { status: 400, code: 'input.invalid', field: 'occurredAt', rule: 'isInstant' },
    ],
    [
      'a moment before all years',
      '/v1/deals',
      deal({ occurredAt: '0000-01-01T00:00:00Z' }),
      { status: 400, code: 'input.invalid', field: 'occurredAt', rule: 'isInstant' },
    ],
    [
      'a moment in the future',
      '/v1/deals',
      deal({ occurredAt: '2999-01-01T00:00:00Z' }),
      { status: 400, code: 'input.invalid', field: 'occurredAt', rule: 'notInFuture' },
    ],
    [
      'a day of year 0',
      '/v1/deals',
      deal({ expectedCloseOn: '0000-01-01' }),
      { status: 400, code: 'input.invalid', field: 'expectedCloseOn', rule: 'isDay' },
    ],
    [
      'a moment before the last event',
      '/v1/deals/{open}/review',
      { occurredAt: '2020-01-01T00:00:00Z' },
      { status: 400, code: 'command.predates', about: 'occurredAt' },
    ],
    [
      'another currency',
      '/v1/deals/{open}/revise',
      { value: { amount: 1, currency: 'EUR' } },
      { status: 409, code: 'deal.currency-fixed' },
    ],
    [
      'an advance that skips rules',
      '/v1/deals/{open}/advance',
      { to: 'A' },
      { status: 409, code: 'deal.criteria-missing' },
    ],
    [
      'closing a lost deal',
      '/v1/deals/{lost}/close-won',
      { evidence: 'first-payment' },
      { status: 409, code: 'deal.not-open' },
    ],
    [
      'a refund over what was paid',
      '/v1/purchases/{purchase}/refund',
      { amount: 101 },
      { status: 409, code: 'purchase.refund-exceeds' },
    ],
    [
      'a body over the limit',
      '/v1/customers',
      { name: 'x'.repeat(1_100_000) },
      { status: 413, code: 'body.too-large' },
    ],
    ['a body that is no JSON', '/v1/customers', '{"name":', { status: 400, code: 'body.malformed' }],
    [
      'a body with a prototype',
      '/v1/customers',
      '{"name":"A","__proto__":{"x":1}}',
      { status: 400, code: 'body.malformed' },
    ],
    ['a NUL character', '/v1/customers', { name: 'a\u0000b' }, { status: 400, code: 'body.unstorable' }],
    [
      'half a surrogate pair',
      '/v1/customers',
      '{"name":"\\ud800"}',
      { status: 400, code: 'body.unstorable' },
    ],
    [
      'attributes too deep',
      '/v1/customers',
      `{"name":"A","attributes":${'{"a":'.repeat(2_000)}1${'}'.repeat(2_000)}}`,
      { status: 400, code: 'input.invalid', field: 'attributes', rule: 'isAttributes' },
    ],
  ])('refuses %s, and nothing is done', async (_what, path, body, { status, code, field, rule, about }) => {
    const before = await product.product.store.head();
    const to = path.replace(
      /\{(open|lost|purchase)\}/,
      (_all, name: 'open' | 'lost' | 'purchase') => ids[name],
    );
    const response = await product.ask('POST', to, body);
    const problem: Json = await response.json();
    expect([response.status, problem.code]).toEqual([status, code]);
    if (rule !== undefined) expect(problem.errors).toContainEqual(expect.objectContaining({ field, rule }));
    if (about !== undefined) expect(problem.facts.field).toBe(about);
    expect(await product.product.store.head()).toEqual(before);
  });

  it.each([
    '/v1/pipeline/board?asOf=0000-01-01T00:00:00Z',
    '/v1/pipeline/board?asOf=9999-12-31T23:59:59-14:00',
    '/v1/churn/history?from=0000-01-01&to=0000-01-02',
    "/v1/pipeline/board?by=customer.attributes.a'b",
    '/v1/pipeline/board?by=__proto__',
    "/v1/churn/history?by=attributes.x')--",
    '/v1/complaints/figures?by=constructor',
    '/v1/deals?sort=constructor',
    '/v1/deals?cursor=WyJhIl0',
    '/v1/events?after=99999999999999999999',
    '/v1/pipeline/board?owner=%00',
  ])('refuses %s', async (path) => {
    const response = await product.ask('GET', path);
    expect([path, response.status]).toEqual([path, 400]);
  });

  it.each([
    '/v1/segments/rfm?window=36525&asOf=0001-01-01T00:00:00Z',
    '/v1/segments/pyramid?asOf=0001-06-01T00:00:00Z',
    '/v1/churn/history?asOf=0001-06-01T00:00:00Z',
    '/v1/pipeline/flow?from=0001-01-01T00:00:00Z&to=9999-12-31T23:59:59Z',
  ])('answers at the edge of time: %s', async (path) => {
    expect(await product.get(path)).toHaveProperty('position');
  });

  it('names each rule that an advance does not meet', async () => {
    const response = await product.ask('POST', `/v1/deals/${ids.open}/advance`, { to: 'B' });
    const { detail }: Json = await response.json();
    for (const rule of ['firstMeetingHeld', 'person', 'proposal', 'budget', 'timetable', 'nextStep'])
      expect(detail).toContain(rule);
  });

  it('takes ids in upper case for the same ids', async () => {
    const { id } = await product.send('/v1/deals', deal({ customerId: ids.customer.toUpperCase() }));
    expect((await product.get(`/v1/deals/${id.toUpperCase()}`)).customerId).toBe(ids.customer);
    expect((await product.send(`/v1/deals/${id.toUpperCase()}/review`, {})).id).toBe(id);
  });

  it('refuses malformed lines in the middle of many by their number, and carries out the others', async () => {
    const good = () => ({ command: 'OpenDeal', data: { value: usd(1) } });
    const answers = await bulk([good(), '{"command":"OpenDeal",', good(), '[]', good()]);
    expect(answers.map(({ status }) => status)).toEqual([
      'accepted',
      'refused',
      'accepted',
      'refused',
      'accepted',
    ]);
    expect(answers[1].problem).toMatchObject({
      code: 'body.malformed',
      detail: expect.stringMatching(/^line 2: /),
    });
    expect(answers[3].problem).toMatchObject({
      code: 'input.invalid',
      detail: expect.stringMatching(/^line 4: /),
    });
  });

  it('carries out fifty commands on one deal that come at once, and fifty repeats of one but once', async () => {
    const { id } = await product.send('/v1/deals', { value: usd(1) });
    const fifty = Array.from({ length: 50 }, (_, index) => index);
    const revised = await Promise.all(
      fifty.map((index) => product.send(`/v1/deals/${id}/revise`, { value: usd(1_000 + index) })),
    );
    expect(revised.map(({ revision }) => revision).sort((a, b) => a - b)).toEqual(
      fifty.map((index) => index + 1),
    );
    const key = { 'idempotency-key': randomUUID() };
    const repeats = await Promise.all(
      fifty.map(async () => {
        const response = await product.ask('POST', `/v1/deals/${id}/review`, { note: 'once' }, key);
        return response.text();
      }),
    );
    expect(new Set(repeats).size).toBe(1);
    expect(await product.product.store.readStream(`deal-${id}`)).toHaveLength(52);
    const other = await product.ask('POST', `/v1/deals/${id}/review`, { note: 'twice' }, key);
    expect(other.status).toBe(422);
  });

  it('is up after all that, and its read models follow', async () => {
    expect((await product.ask('GET', '/health/ready')).status).toBe(200);
    const { id } = await product.send('/v1/deals', { value: usd(7) });
    expect((await product.get(`/v1/deals/${id}`)).value).toEqual(usd(7));
  });
});
