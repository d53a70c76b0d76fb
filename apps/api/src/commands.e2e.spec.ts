import { randomUUID } from 'node:crypto';
import { POISON } from './testing/counters';
import { ADMIN, Edge } from './testing/edge';

describe('commands over HTTP', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await Edge.start();
  });
  afterAll(() => edge.stop());

  const open = async (name = 'Visits') => (await edge.post('/v1/counters', { name })).body as { id: string };

  it('answers an accepted opening with 201, its place, its revision and its position', async () => {
    const { status, headers, body } = await edge.post('/v1/counters', { name: 'Visits' });
    expect(status).toBe(201);
    expect(body).toEqual({
      id: expect.stringMatching(/^[0-9a-f-]{36}$/),
      revision: 0,
      position: expect.stringMatching(/^\d+$/),
      events: ['counter-opened.v1'],
      status: 'accepted',
    });
    expect(headers.get('location')).toBe(`/v1/counters/${body.id}`);
    expect(headers.get('etag')).toBe('"0"');
    expect(headers.get('x-correlation-id')).toMatch(/^[0-9a-f-]{36}$/);
  });

  it('takes the id that the caller names, and answers 200 when there is nothing to change', async () => {
    const id = randomUUID();
    expect((await edge.post('/v1/counters', { id, name: 'One' })).body.id).toBe(id);
    const again = await edge.post('/v1/counters', { id, name: 'One' });
    expect([again.status, again.body.status, again.body.events]).toEqual([200, 'unchanged', []]);
  });

  it('answers a verb with 200 and takes a body that is left out for an empty one', async () => {
    const { id } = await open();
    const raised = await edge.post(`/v1/counters/${id}/raise`, { by: 2 });
    expect([raised.status, raised.body.revision, raised.headers.get('etag')]).toEqual([200, 1, '"1"']);
    const closed = await edge.call('POST', `/v1/counters/${id}/close`);
    expect([closed.status, closed.body.events]).toEqual([200, ['counter-closed.v1']]);
  });

  it('gives a repeat under one key the first answer, and refuses another body under it', async () => {
    const headers = { 'idempotency-key': randomUUID() };
    const first = await edge.post('/v1/counters', { name: 'Keyed' }, headers);
    const second = await edge.post('/v1/counters', { name: 'Keyed' }, headers);
    expect([second.status, second.text]).toEqual([first.status, first.text]);
    expect(second.headers.get('location')).toBe(first.headers.get('location'));
    const other = await edge.post('/v1/counters', { name: 'Other' }, headers);
    expect([other.status, other.body.code]).toEqual([422, 'command.reused-id']);
  });

  it('gives a repeat of a verb the first answer also after the thing went on', async () => {
    const { id } = await open();
    const headers = { 'idempotency-key': randomUUID() };
    const first = await edge.post(`/v1/counters/${id}/raise`, { by: 1 }, headers);
    await edge.post(`/v1/counters/${id}/raise`, { by: 1 });
    expect((await edge.post(`/v1/counters/${id}/raise`, { by: 1 }, headers)).text).toBe(first.text);
  });

  it('carries a command out only at the revision of If-Match', async () => {
    const { id } = await open();
    const late = await edge.post(`/v1/counters/${id}/raise`, { by: 1 }, { 'if-match': '"7"' });
    expect([late.status, late.body.code, late.body.facts.revision]).toEqual([412, 'stream.revision', 0]);
    expect((await edge.post(`/v1/counters/${id}/raise`, { by: 1 }, { 'if-match': '"0"' })).status).toBe(200);
  });

  it.each(['W/"0"', '*', '0', '"x"', '"0", "1"', '"-1"'])(
    'refuses If-Match %s as no revision',
    async (tag) => {
      const { id } = await open();
      const { status, body } = await edge.post(`/v1/counters/${id}/raise`, { by: 1 }, { 'if-match': tag });
      expect([status, body.errors[0].field, body.errors[0].rule]).toEqual([400, 'If-Match', 'isRevision']);
    },
  );

  it('refuses an empty or overlong Idempotency-Key and a correlation id that cannot be logged', async () => {
    for (const key of ['', 'x'.repeat(201)]) {
      const { status, body } = await edge.post('/v1/counters', { name: 'A' }, { 'idempotency-key': key });
      expect([status, body.errors[0].field]).toEqual([400, 'Idempotency-Key']);
    }
    const { status, body } = await edge.get('/v1/counters', { 'x-correlation-id': 'two words' });
    expect([status, body.errors[0].field]).toEqual([400, 'X-Correlation-Id']);
  });

  it('sends the correlation id back and keeps it with the event', async () => {
    const { headers, body } = await edge.post(
      '/v1/counters',
      { name: 'A' },
      { 'x-correlation-id': 'order-17' },
    );
    expect(headers.get('x-correlation-id')).toBe('order-17');
    const [event] = await edge.product.store.readStream(`counter-${body.id}`);
    expect(event?.metadata).toMatchObject({
      correlationId: 'order-17',
      actor: 'key:admin',
      tenant: 'default',
    });
  });

  it.each([
    ['an unknown field', { name: 'A', nmae: 'B' }, 'nmae', 'unknownField', '/nmae'],
    ['a wrong type', { name: 7 }, 'name', 'isString', '/name'],
    ['a missing field', {}, 'name', 'isString', '/name'],
    ['a bad UUID', { name: 'A', partOf: '17' }, 'partOf', 'isUuid', '/partOf'],
    ['a bad id of its own', { name: 'A', id: '17' }, 'id', 'isUuid', '/id'],
    [
      'an amount as a float',
      { name: 'A', price: { amount: 1.5, currency: 'EUR' } },
      'price',
      'isMoney',
      '/price',
    ],
    [
      'an unknown currency',
      { name: 'A', price: { amount: 1, currency: 'XXY' } },
      'price',
      'isMoney',
      '/price',
    ],
    ['a date without offset', { name: 'A', due: '2026-03-01T09:30:00' }, 'due', 'isInstant', '/due'],
    [
      'a field inside a list',
      { name: 'A', labels: [{ text: 'ok' }, { text: 1 }] },
      'labels.1.text',
      'isString',
      '/labels/1/text',
    ],
    [
      'a moment without offset',
      { name: 'A', occurredAt: '2026-03-01T09:30:00' },
      'occurredAt',
      'isInstant',
      '/occurredAt',
    ],
    [
      'a moment in the future',
      { name: 'A', occurredAt: '2999-01-01T00:00:00Z' },
      'occurredAt',
      'notInFuture',
      '/occurredAt',
    ],
  ])('names field, rule and place of %s', async (_what, input, field, rule, pointer) => {
    const { status, headers, body } = await edge.post('/v1/counters', input);
    expect(status).toBe(400);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
    expect(body).toMatchObject({
      type: '/problems/input.invalid',
      status: 400,
      code: 'input.invalid',
      instance: '/v1/counters',
    });
    expect(body.errors).toContainEqual(expect.objectContaining({ field, rule, pointer }));
  });

  it('names the reference that leads nowhere', async () => {
    const { status, body } = await edge.post('/v1/counters', { name: 'A', partOf: randomUUID() });
    expect([status, body.code, body.errors[0].field]).toEqual([404, 'reference.unknown', 'partOf']);
  });

  it('refuses a moment before the last event and writes nothing', async () => {
    const { id } = await open();
    const { status, body } = await edge.post(`/v1/counters/${id}/raise`, {
      by: 1,
      occurredAt: '2020-01-01T00:00:00Z',
    });
    expect([status, body.code]).toEqual([400, 'command.predates']);
    expect(await edge.product.store.readStream(`counter-${id}`)).toHaveLength(1);
  });

  it('answers a refusal by the facts with 409 and the facts, and a bad id in the path with 400', async () => {
    const { id } = await open();
    await edge.post(`/v1/counters/${id}/close`, {});
    const closed = await edge.post(`/v1/counters/${id}/raise`, { by: 1 });
    expect([closed.status, closed.body.code, closed.body.facts]).toEqual([
      409,
      'counter.closed',
      { total: 0 },
    ]);
    expect((await edge.post('/v1/counters/17/raise', { by: 1 })).body.errors[0]).toMatchObject({
      field: 'id',
      rule: 'isUuid',
    });
    expect((await edge.post(`/v1/counters/${randomUUID()}/raise`, { by: 1 })).status).toBe(404);
  });

  it.each([
    ['no JSON', '{"name":', {}, 400, 'body.malformed'],
    ['a list', '[]', {}, 400, 'input.invalid'],
    ['a text', '"x"', {}, 400, 'input.invalid'],
    [
      'another type',
      'name=A',
      { 'content-type': 'application/x-www-form-urlencoded' },
      415,
      'media.unsupported',
    ],
    ['lines', '{}', { 'content-type': 'application/x-ndjson' }, 415, 'media.unsupported'],
    ['a body over the limit', JSON.stringify({ name: 'x'.repeat(1_100_000) }), {}, 413, 'body.too-large'],
    ['a NUL character', '{"name":"a\\u0000b"}', {}, 400, 'body.unstorable'],
    ['half a surrogate pair', '{"name":"a\\ud800b"}', {}, 400, 'body.unstorable'],
    ['a field called __proto__', '{"name":"A","__proto__":{}}', {}, 400, 'body.malformed'],
  ])('refuses %s', async (_what, body, headers, status, code) => {
    const answer = await edge.call('POST', '/v1/counters', { body, headers });
    expect([answer.status, answer.body.code]).toEqual([status, code]);
  });

  it('refuses bytes that are not UTF-8', async () => {
    const response = await fetch(`${edge.product.url}/v1/counters`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/json' },
      body: Buffer.from([0x7b, 0x22, 0x6e, 0x61, 0x6d, 0x65, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
    });
    expect(response.status).toBe(400);
    expect(await response.json()).toMatchObject({ code: 'body.encoding' });
  });

  it('takes emoji and other text beyond the first plane', async () => {
    expect(
      (await edge.call('POST', '/v1/counters', { body: '{"name":"\\ud83d\\ude00 \u{1f600}"}' })).status,
    ).toBe(201);
  });

  it('answers an unknown route with 404 and a wrong method with 405', async () => {
    expect((await edge.get('/v1/nothing')).body).toMatchObject({ status: 404, code: 'route.unknown' });
    const wrong = await edge.call('DELETE', '/v1/counters');
    expect([wrong.status, wrong.headers.get('allow')]).toEqual([405, 'GET, HEAD, POST']);
  });

  it('says nothing about a fault of its own, logs it under the correlation id, and goes on', async () => {
    const { id } = await open();
    const { status, body, text } = await edge.post(
      `/v1/counters/${id}/raise`,
      { by: POISON },
      { 'x-correlation-id': 'a-fault' },
    );
    expect([status, body.code, body.correlationId]).toEqual([500, 'internal', 'a-fault']);
    expect(text).not.toMatch(/Jane|at /);
    expect(edge.logged).toMatch(/"event":"internal","correlationId":"a-fault"/);
    expect((await edge.get('/health/live')).status).toBe(200);
  });

  it('logs routes by their pattern, and neither bodies nor query values', async () => {
    await edge.post('/v1/counters', { name: 'Secret Person' });
    await edge.get('/v1/counters?sort=name&status=open', { 'x-correlation-id': 'look-me-up' });
    const line = edge.logged.split('\n').find((one) => one.includes('look-me-up')) ?? '';
    expect(JSON.parse(line)).toMatchObject({
      method: 'GET',
      route: '/v1/counters',
      status: 200,
      actor: 'key:admin',
    });
    expect(edge.logged).not.toMatch(/Secret Person|sort=name|an-admin-key/);
  });

  it('lists the commands for clients', async () => {
    const { body } = await edge.get('/v1/commands');
    expect(body.commands).toContainEqual({
      name: 'RaiseCounter',
      route: '/v1/counters/{id}/raise',
      role: 'send',
      summary: 'Raises it',
      opens: false,
      example: { by: 3 },
    });
  });
});
