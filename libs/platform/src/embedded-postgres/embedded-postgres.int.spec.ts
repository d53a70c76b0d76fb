import { once } from 'node:events';
import { readdirSync, readFileSync, rmSync, statSync, symlinkSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { Client } from 'pg';
import { ask } from '../testing/ask';
import { childStart, endChild } from '../testing/child-start';
import { passableTempDir } from '../testing/temp-dir';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres';
import { processStart, waitUntil } from './processes';

// Whole servers and builds are started: on a busy machine that takes its time.
jest.setTimeout(60_000);

const isRoot = process.getuid?.() === 0;

describe('the embedded PostgreSQL', () => {
  let dir: string;
  let postgres: EmbeddedPostgres;

  beforeAll(async () => {
    dir = passableTempDir();
    postgres = await startEmbeddedPostgres({ dataDir: join(dir, 'data') });
  });

  afterAll(async () => {
    await postgres.stop();
    rmSync(dir, { recursive: true });
  });

  it('answers as soon as it has started', async () => {
    expect(postgres).toMatchObject({ created: true, version: expect.stringMatching(/^18\./) });
    expect(postgres.url).toMatch(/^postgresql:\/\/guanxi:[\w-]{32}@127\.0\.0\.1:\d+\/guanxi$/);
    expect(await ask(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  it('keeps what was acknowledged on disk, and has the settings of the product', async () => {
    const rows = await ask(
      postgres.url,
      `select name, setting from pg_settings where name in ('fsync', 'synchronous_commit', 'full_page_writes',
       'wal_compression', 'jit', 'TimeZone', 'server_encoding', 'max_connections', 'shared_buffers', 'max_wal_size', 'wal_init_zero',
       'checkpoint_timeout', 'listen_addresses', 'unix_socket_directories', 'data_checksums')`,
    );
    expect(Object.fromEntries(rows.map(({ name, setting }) => [name, setting]))).toEqual({
      fsync: 'on',
      synchronous_commit: 'on',
      full_page_writes: 'on',
      wal_compression: 'off',
      jit: 'off',
      TimeZone: 'UTC',
      server_encoding: 'UTF8',
      max_connections: '100',
      shared_buffers: '32768',
      max_wal_size: '2048',
      wal_init_zero: 'off',
      checkpoint_timeout: '900',
      listen_addresses: '127.0.0.1',
      unix_socket_directories: '',
      data_checksums: 'on',
    });
    expect(await ask(postgres.url, `select datcollate from pg_database where datname = 'guanxi'`)).toEqual([
      { datcollate: 'C' },
    ]);
  });

  it('lets nobody in without its password, which only its user can read', async () => {
    const url = new URL(postgres.url);
    url.password = 'guess';
    await expect(ask(url.href, 'select 1')).rejects.toMatchObject({ code: '28P01' });
    expect(statSync(join(postgres.dataDir, 'guanxi.json')).mode & 0o777).toBe(0o600);
    expect(statSync(postgres.dataDir).mode & 0o777).toBe(0o700);
  });

  it('writes no value of a failed statement to its log', async () => {
    await ask(postgres.url, 'create table people (email text primary key)');
    await ask(postgres.url, `insert into people values ('wu@example.com')`);
    await expect(ask(postgres.url, `insert into people values ('wu@example.com')`)).rejects.toThrow(
      /duplicate/,
    );
    await expect(ask(postgres.url, `select 'wu@example.com'::uuid`)).rejects.toThrow(/invalid input/);
    const log = readFileSync(join(dir, 'data', 'postgres.log'), 'utf8');
    expect(log).toContain('ready to accept connections');
    expect(log).not.toContain('wu@example.com');
  });

  it('refuses a second start on the same data directory, by whatever name', async () => {
    const refusal = {
      code: 'data-dir-in-use',
      message: expect.stringContaining(
        `another Guanxi runs on this data directory (pid ${process.pid}, port ${postgres.port})`,
      ),
    };
    await expect(startEmbeddedPostgres({ dataDir: join(dir, 'data') })).rejects.toMatchObject(refusal);
    symlinkSync(join(dir, 'data'), join(dir, 'alias'));
    await expect(startEmbeddedPostgres({ dataDir: join(dir, 'alias') })).rejects.toMatchObject(refusal);
    const other = await childStart({ dataDir: join(dir, 'data') });
    expect(other.answer.failed).toMatchObject(refusal);
    await endChild(other);
    expect(await ask(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
  });

  (isRoot ? it : it.skip)('runs as nobody when root starts it', () => {
    const nobody = /^nobody:[^:]*:(\d+)/m.exec(readFileSync('/etc/passwd', 'utf8'))?.[1];
    expect(statSync(postgres.dataDir).uid).toBe(Number(nobody));
    expect(readFileSync(`/proc/${postgres.pid}/status`, 'utf8')).toMatch(
      new RegExp(`^Uid:\\s+${nobody ?? '?'}\\s`, 'm'),
    );
  });
});

describe('starting and stopping the embedded PostgreSQL', () => {
  let dir: string;
  let dataDir: string;

  beforeEach(() => {
    dir = passableTempDir();
    dataDir = join(dir, 'data');
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('finds its data again', async () => {
    const first = await startEmbeddedPostgres({ dataDir });
    await ask(first.url, 'create table facts as select 42 as n');
    await first.stop();
    const second = await startEmbeddedPostgres({ dataDir });
    expect(second.created).toBe(false);
    expect(await ask(second.url, 'select n from facts')).toEqual([{ n: 42 }]);
    await second.stop();
  });

  it('cuts connections that are busy, ends the server and gives the directory back', async () => {
    const postgres = await startEmbeddedPostgres({ dataDir });
    const busy = new Client({ connectionString: postgres.url });
    busy.on('error', () => undefined);
    await busy.connect();
    const cut = expect(busy.query('select pg_sleep(600)')).rejects.toThrow();
    await Promise.all([postgres.stop(), postgres.stop()]);
    await cut;
    expect(processStart(postgres.pid)).toBeUndefined();
    expect(await postgres.ended).toBe('exit code 0');
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log']);
  });

  it('refuses a port that is taken, and leaves no claim behind', async () => {
    const squatter = createServer().listen(0, '127.0.0.1');
    await once(squatter, 'listening');
    const address = squatter.address();
    const port = typeof address === 'object' && address !== null ? address.port : 0;
    await expect(startEmbeddedPostgres({ dataDir, port })).rejects.toMatchObject({
      code: 'port-taken',
      message: expect.stringContaining(`can't listen on 127.0.0.1:${port} (EADDRINUSE)`),
    });
    squatter.close();
    await once(squatter, 'close');
    const postgres = await startEmbeddedPostgres({ dataDir, port });
    expect(postgres.port).toBe(port);
    await postgres.stop();
  });

  it('names a data directory that cannot be written', async () => {
    writeFileSync(join(dir, 'file'), '');
    const below = join(dir, 'file', 'data');
    await expect(startEmbeddedPostgres({ dataDir: below })).rejects.toMatchObject({
      code: 'data-dir-not-writable',
      message: expect.stringMatching(
        /data directory .*file\/data can't be written \(ENOTDIR.*Set GUANXI_DATA_DIR/,
      ),
    });
  });

  it('is not reached by Ctrl-C in the terminal: who started it stops it', async () => {
    const started = await childStart({ dataDir, ignoreSigint: true });
    process.kill(-(started.child.pid ?? 0), 'SIGINT');
    expect(await ask(started.answer.started?.url ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
    await endChild(started);
    expect(processStart(started.answer.started?.pid ?? 0)).toBeUndefined();
  });

  it('goes with a process that ends without stopping it', async () => {
    const started = await childStart({ dataDir });
    const exited = once(started.child, 'exit');
    started.child.stdin?.write('exit\n');
    await exited;
    const { pid = 0 } = started.answer.started ?? {};
    expect(await waitUntil(() => processStart(pid) === undefined, 8_000)).toBe(true);
  });
});
