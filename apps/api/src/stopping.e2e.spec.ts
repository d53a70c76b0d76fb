import { request } from 'node:http';
import type { IncomingMessage } from 'node:http';
import { startProduct } from '@guanxi/platform';
import { testDatabase } from '../../../test/support/postgres';
import { countersContext } from './testing/counters';
import { ADMIN, Edge, answersIn } from './testing/edge';

const line = (name: string) => `${JSON.stringify({ command: 'OpenCounter', key: name, data: { name } })}\n`;

describe('a product that is stopped', () => {
  it('answers what it has begun, says what it has not, and keeps what it acknowledged', async () => {
    const edge = await Edge.start();
    const sending = request(`${edge.product.url}/v1/commands`, {
      method: 'POST',
      headers: { authorization: `Bearer ${ADMIN}`, 'content-type': 'application/x-ndjson' },
    });
    // The server may hang up on a body that goes on when it is stopped.
    sending.on('error', () => undefined);
    const response = new Promise<IncomingMessage>((resolve) => sending.on('response', resolve));
    sending.write(line('before'));
    let text = '';
    const answer = await response;
    const first = new Promise<void>((resolve) => answer.once('data', () => resolve()));
    answer.on('data', (chunk) => (text += String(chunk)));
    const ended = new Promise<void>((resolve) => answer.on('end', resolve).on('close', resolve));
    await first;

    const begun = performance.now();
    await Promise.all([edge.product.close(), ended]);
    expect(performance.now() - begun).toBeLessThan(10_000);
    sending.destroy();
    const [accepted, refused] = answersIn(text);
    expect(accepted.status).toBe('accepted');
    expect(refused).toMatchObject({
      status: 'refused',
      line: 2,
      problem: { status: 503, code: 'server.stopping' },
    });
    await expect(fetch(`${edge.product.url}/health/live`)).rejects.toThrow();

    const again = await startProduct({ config: edge.config, contexts: [countersContext] });
    expect(await again.store.readStream(`counter-${accepted.id}`)).toHaveLength(1);
    await again.close();
    await edge.stop();
  });

  it('leaves no connection to its database behind', async () => {
    const edge = await Edge.start();
    await edge.get('/v1/counters');
    await edge.product.close();
    const other = await testDatabase();
    const { Client } = await import('pg');
    const client = new Client({ connectionString: other.url });
    await client.connect();
    const name = new URL(edge.config.databaseUrl ?? '').pathname.slice(1);
    const { rows } = await client.query('select application_name from pg_stat_activity where datname = $1', [
      name,
    ]);
    await client.end();
    expect(rows).toEqual([]);
    await other.drop();
    await edge.stop();
  });
});

describe('the roles of processes', () => {
  it('lets a worker fold what an api has accepted, each with its own health', async () => {
    const edge = await Edge.start({ role: 'api' });
    expect(edge.product.runner).toBeUndefined();
    const { body } = await edge.post('/v1/counters', { name: 'Shared' });
    const ready = await edge.get('/health/ready');
    expect(ready.body.projections).toMatchObject({
      models: [{ model: 'counters', position: '0', lag: '1', parked: 0, shards: 4, held: 0 }],
      workers: [],
    });
    expect(ready.body.projections.models[0].lagSeconds).toBeGreaterThan(0);

    const worker = await startProduct({
      config: { ...edge.config, role: 'worker' },
      contexts: [countersContext],
    });
    const seen = await edge.get('/v1/counters', { 'guanxi-min-position': body.position });
    expect(seen.body.items).toMatchObject([{ name: 'Shared' }]);
    const headers = { authorization: `Bearer ${ADMIN}` };
    expect((await fetch(`${worker.url}/health/ready`)).status).toBe(200);
    expect((await fetch(`${worker.url}/metrics`, { headers })).status).toBe(200);
    expect((await fetch(`${worker.url}/v1/counters`, { headers })).status).toBe(404);
    await worker.close();
    await edge.stop();
  });

  it('lets several processes start at once on an empty database', async () => {
    const edge = await Edge.start();
    const fresh = await testDatabase();
    const config = { ...edge.config, databaseUrl: fresh.url };
    const started = await Promise.all(
      [1, 2, 3].map(() => startProduct({ config, contexts: [countersContext] })),
    );
    const found = await started[0]?.pool.query<{ name: string }>('select name from ops.migrations');
    const names = found?.rows.map(({ name }) => name) ?? [];
    expect(names).toContain('EventStoreAppend1763900000000');
    expect(new Set(names).size).toBe(names.length);
    await Promise.all(started.map((product) => product.close()));
    await fresh.drop();
    await edge.stop();
  });

  it('says which database cannot be reached, without its password', async () => {
    const edge = await Edge.start();
    const config = { ...edge.config, databaseUrl: 'postgresql://who:secret@127.0.0.1:1/none' };
    const start = startProduct({ config, contexts: [countersContext] });
    await expect(start).rejects.toThrow(
      /^PostgreSQL at 127\.0\.0\.1:1\/none cannot be reached: .*ECONNREFUSED/,
    );
    await expect(start).rejects.not.toThrow(/secret/);
    await edge.stop();
  });
});
