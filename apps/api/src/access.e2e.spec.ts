import { readFileSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { StartError, startProduct } from '@guanxi/platform';
import { ADMIN, Edge } from './testing/edge';
import { countersContext } from './testing/counters';

describe('who may do what', () => {
  let edge: Edge;
  beforeAll(async () => {
    edge = await Edge.start();
  });
  afterAll(() => edge.stop());

  const bearer = (key: string) => ({ authorization: `Bearer ${key}` });
  const make = async (roles: string[], more: object = {}) =>
    (await edge.post('/v1/api-keys', { name: 'made', roles, ...more })).body as { id: string; key: string };

  it('asks who it is, before it reads a body', async () => {
    const { status, headers, body } = await edge.call('POST', '/v1/counters', {
      body: '{',
      headers: { authorization: '' },
    });
    expect([status, body.code]).toEqual([401, 'auth.invalid']);
    expect(headers.get('www-authenticate')).toBe('Bearer realm="guanxi", error="invalid_token"');
    const none = await fetch(`${edge.product.url}/v1/counters`);
    expect([none.status, none.headers.get('www-authenticate')]).toEqual([401, 'Bearer realm="guanxi"']);
  });

  it.each(['Basic abc', 'Bearer', 'Bearer not-a-key-at-all-of-anyone', `Bearer gx_admin_${'0'.repeat(64)}`])(
    'refuses %s',
    async (authorization) => {
      const { status, body } = await edge.get('/v1/counters', { authorization });
      expect([status, body.code]).toEqual([401, 'auth.invalid']);
    },
  );

  it('lets pass without a key what watches and explains', async () => {
    for (const path of [
      '/health/live',
      '/health/ready',
      '/openapi.json',
      '/docs',
      '/docs/assets/swagger-ui.css',
    ]) {
      expect((await fetch(`${edge.product.url}${path}`)).status).toBe(200);
    }
    for (const path of ['/metrics', '/v1/commands', '/v1/counters', '/v1/api-keys']) {
      expect((await fetch(`${edge.product.url}${path}`)).status).toBe(401);
    }
  });

  it('leads who opens its address to the page that explains', async () => {
    const { status, url } = await fetch(`${edge.product.url}/`);
    expect([status, url]).toEqual([200, `${edge.product.url}/docs`]);
  });

  it('names the role that a key lacks', async () => {
    const { key } = await make(['read']);
    expect((await edge.get('/v1/counters', bearer(key))).status).toBe(200);
    const { status, body } = await edge.post('/v1/counters', { name: 'A' }, bearer(key));
    expect([status, body.code, body.facts.needs]).toEqual([403, 'auth.role-missing', ['send']]);
    expect(body.detail).toMatch(/role send/);
    expect((await edge.get('/v1/api-keys', bearer(key))).status).toBe(403);
  });

  it('shows a secret once and keeps a hash of it', async () => {
    const { id, key } = await make(['read']);
    const { text, body } = await edge.get('/v1/api-keys');
    expect(body.items.find((one: { id: string }) => one.id === id)).toMatchObject({
      lastFour: key.slice(-4),
      revokedAt: null,
    });
    expect(text).not.toContain(key);
    const { rows } = await edge.product.pool.query<{ all: string }>(
      'select string_agg(k::text, $1) as all from ops.api_keys k',
      [' '],
    );
    expect(rows[0]?.all).not.toContain(key.slice(-20));
    expect(edge.logged).not.toContain(key.slice(-20));
  });

  it('ends a key that is revoked, at once and for good', async () => {
    const { id, key } = await make(['read']);
    expect((await edge.get('/v1/counters', bearer(key))).status).toBe(200);
    const first = await edge.post(`/v1/api-keys/${id}/revoke`, {});
    expect((await edge.get('/v1/counters', bearer(key))).status).toBe(401);
    expect((await edge.post(`/v1/api-keys/${id}/revoke`, {})).body.revokedAt).toBe(first.body.revokedAt);
    expect((await edge.post('/v1/api-keys/none/revoke', {})).status).toBe(404);
    expect((await edge.post('/v1/api-keys/admin/revoke', {})).status).toBe(409);
  });

  it('ends a key when its time is up', async () => {
    const { id, key } = await make(['read'], { expiresAt: '2999-01-01T00:00:00Z' });
    await edge.product.pool.query(
      `update ops.api_keys set expires_at = now() - interval '1 second' where id = $1`,
      [id],
    );
    expect((await edge.get('/v1/counters', bearer(key))).status).toBe(401);
    const past = await edge.post('/v1/api-keys', {
      name: 'late',
      roles: ['read'],
      expiresAt: '2020-01-01T00:00:00Z',
    });
    expect([past.status, past.body.errors[0].rule]).toEqual([400, 'inFuture']);
  });

  it('lets nobody hand out roles that he lacks', async () => {
    const { key } = await make(['operate', 'read']);
    expect((await edge.post('/v1/api-keys', { name: 'x', roles: ['read'] }, bearer(key))).status).toBe(201);
    expect((await edge.post('/v1/api-keys', { name: 'x', roles: ['privacy'] }, bearer(key))).status).toBe(
      403,
    );
    const { body } = await edge.post('/v1/api-keys', { name: '', roles: ['king'] });
    expect(body.errors.map(({ field }: { field: string }) => field)).toEqual(['name', 'roles']);
  });

  it('shows measurements to who reads or operates', async () => {
    await edge.get('/v1/counters');
    const { status, text } = await edge.get('/metrics');
    expect(status).toBe(200);
    expect(text).toMatch(
      /guanxi_http_request_duration_seconds_count\{method="GET",route="\/v1\/counters",status="200"\} [1-9]/,
    );
    expect(text).toMatch(/guanxi_projection_lag_events\{model="counters"\} \d/);
    expect(text).toMatch(/guanxi_log_head_position \d/);
    expect(text).toMatch(/guanxi_append_group_appends_count \d/);
  });

  it('names GUANXI_PORT when the port is taken, and leaves nothing behind', async () => {
    const port = Number(new URL(edge.product.url).port);
    const second = startProduct({ config: { ...edge.config, port }, contexts: [countersContext] });
    await expect(second).rejects.toThrow(StartError);
    await expect(second).rejects.toThrow(/GUANXI_PORT/);
    expect((await edge.get('/health/ready')).status).toBe(200);
  });
});

describe('the first key', () => {
  it('is made once, readable for its owner alone, and stays the same over starts', async () => {
    const { adminKey: _none, ...rest } = (await withStopped()).config;
    const edge = await Edge.start({ dataDir: rest.dataDir, adminKey: undefined });
    const { file, text } = edge.product.admin;
    expect(file).toBe(join(rest.dataDir, 'admin.key'));
    expect(statSync(file ?? '').mode & 0o777).toBe(0o600);
    expect(readFileSync(file ?? '', 'utf8').trim()).toBe(text);
    expect(text).toMatch(/^gx_admin_[0-9a-f]{64}$/);
    expect((await edge.get('/v1/counters', { authorization: `Bearer ${text}` })).status).toBe(200);

    const again = await startProduct({ config: edge.config, contexts: [countersContext] });
    expect(again.adminKey).toBe(text);
    await again.close();

    const replaced = await startProduct({
      config: { ...edge.config, adminKey: ADMIN },
      contexts: [countersContext],
    });
    const call = (key: string) =>
      fetch(`${replaced.url}/v1/counters`, { headers: { authorization: `Bearer ${key}` } }).then(
        ({ status }) => status,
      );
    expect([await call(ADMIN), await call(text ?? '')]).toEqual([200, 401]);
    await replaced.close();
    await edge.stop();
  });

  it('is not made anew where the one on record was configured before', async () => {
    const edge = await Edge.start();
    const { adminKey: _configured, ...config } = edge.config;
    const other = await startProduct({ config, contexts: [countersContext] });
    expect(other.admin).toEqual({});
    expect((await edge.get('/v1/counters')).status).toBe(200);
    await other.close();
    writeFileSync(join(config.dataDir, 'admin.key'), 'a-key-that-was-put-there\n');
    const third = await startProduct({ config, contexts: [countersContext] });
    expect(third.adminKey).toBe('a-key-that-was-put-there');
    await third.close();
    await edge.stop();
  });
});

/** Settings of a product that has been stopped: its data directory is there and empty. */
async function withStopped(): Promise<Edge> {
  const edge = await Edge.start();
  await edge.product.close();
  return edge;
}
