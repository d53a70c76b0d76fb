import { once } from 'node:events';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../testing/ask';
import { childStart, endChild, killChild, spawnChildStart } from '../testing/child-start';
import { passableTempDir } from '../testing/temp-dir';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres';
import { processStart, waitUntil } from './processes';

// Whole servers and builds are started: on a busy machine that takes its time.
jest.setTimeout(60_000);

describe('the embedded PostgreSQL after an accident', () => {
  let dir: string;
  let dataDir: string;
  let lines: string[];
  const start = (): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({ dataDir, log: (line) => void lines.push(line) });
  const cluster = (...names: string[]): string => join(dataDir, 'postgres', ...names);

  beforeEach(() => {
    dir = passableTempDir();
    dataDir = join(dir, 'data');
    lines = [];
  });

  afterEach(() => {
    rmSync(dir, { recursive: true, maxRetries: 20, retryDelay: 50 });
  });

  it('shuts down the server of a Guanxi that was killed, and goes on with its data', async () => {
    const killed = await childStart({ dataDir });
    const orphan = killed.answer.started ?? { url: '', pid: 0 };
    await ask(orphan.url, 'create table facts as select 42 as n');
    await killChild(killed);
    expect(processStart(orphan.pid)).toBeDefined();

    const postgres = await start();
    expect(processStart(orphan.pid)).toBeUndefined();
    expect(lines).toEqual([expect.stringContaining(`still runs (pid ${orphan.pid}); it is shut down`)]);
    expect(await ask(postgres.url, 'select n from facts')).toEqual([{ n: 42 }]);
    await postgres.stop();
  });

  it('leaves a server alone that no dead Guanxi owned', async () => {
    const other = await childStart({ dataDir });
    const { pid = 0, port = 0, url = '' } = other.answer.started ?? {};
    rmSync(join(dataDir, 'postgres.owner.json'));
    await expect(start()).rejects.toMatchObject({
      code: 'data-dir-in-use',
      message: expect.stringContaining(`(pid ${pid}, port ${port})`),
    });
    expect(await ask(url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await endChild(other);
  });

  it.each([
    ['a process that has ended', 2 ** 22 - 1],
    ['another program that has its number now', process.pid],
  ])('removes the pid file of a killed server that names %s', async (_, pid) => {
    const killed = await start();
    await ask(killed.url, 'create table facts as select 42 as n');
    process.kill(killed.pid, 'SIGKILL');
    expect(await killed.ended).toBe('SIGKILL');
    await killed.stop();
    const pidFile = readFileSync(cluster('postmaster.pid'), 'utf8');
    writeFileSync(cluster('postmaster.pid'), pidFile.replace(/^\d+/, String(pid)));

    const postgres = await start();
    // On a busy machine it also says that it needs longer.
    expect(lines[0]).toContain('did not shut down cleanly; it recovers');
    expect(await ask(postgres.url, 'select n from facts')).toEqual([{ n: 42 }]);
    await postgres.stop();
  });

  it('makes a cluster anew whose making was killed', async () => {
    const child = spawnChildStart({ dataDir });
    const exited = once(child, 'exit');
    const drafts = (): string[] =>
      existsSync(dataDir) ? readdirSync(dataDir).filter((name) => name.startsWith('postgres.new-')) : [];
    const begun = (): boolean =>
      drafts().some((name) => existsSync(join(dataDir, name, 'cluster', 'PG_VERSION')));
    expect(await waitUntil(begun, 20_000)).toBe(true);
    child.kill('SIGKILL');
    await exited;
    expect(existsSync(cluster())).toBe(false);

    const postgres = await start();
    expect(postgres.created).toBe(true);
    expect(drafts()).toEqual([]);
    await postgres.stop();
  });

  it.each([
    ['without PG_VERSION', (): void => rmSync(cluster('PG_VERSION'))],
    ['without the mark of a finished one', (): void => rmSync(cluster('postmaster.opts'))],
  ])('sets a half-made cluster aside, %s, and makes it again', async (_, damage) => {
    await (await start()).stop();
    rmSync(cluster('guanxi.json'));
    damage();
    const postgres = await start();
    expect(postgres.created).toBe(true);
    const aside = readdirSync(dataDir).filter((name) => name.startsWith('postgres.incomplete-'));
    expect(aside).toHaveLength(1);
    expect(existsSync(join(dataDir, aside[0] ?? '', 'global', 'pg_control'))).toBe(true);
    expect(lines).toEqual([expect.stringContaining(`set aside as ${join(dataDir, aside[0] ?? '')}`)]);
    await postgres.stop();
  });

  it('takes an empty directory for no cluster', async () => {
    mkdirSync(cluster(), { recursive: true, mode: 0o711 });
    const postgres = await start();
    expect(postgres.created).toBe(true);
    expect(lines).toEqual([]);
    await postgres.stop();
  });

  it('does not touch a cluster that was in use and is not known to be its own', async () => {
    await (await start()).stop();
    rmSync(cluster('guanxi.json'));
    await expect(start()).rejects.toMatchObject({
      code: 'data-dir-not-ours',
      message: expect.stringMatching(/has been in use, but no guanxi\.json.*Put that file back/),
    });
    expect(readdirSync(dataDir).sort()).toEqual(['postgres', 'postgres.log']);
  });

  it('refuses data of another major version and leaves them as they are', async () => {
    await (await start()).stop();
    writeFileSync(cluster('PG_VERSION'), '17\n');
    await expect(start()).rejects.toMatchObject({
      code: 'data-dir-of-another-version',
      message: expect.stringMatching(
        /are of PostgreSQL 17, but this Guanxi brings PostgreSQL 18; nothing was changed.*pg_dump/,
      ),
    });
    writeFileSync(cluster('PG_VERSION'), '18\n');
    const postgres = await start();
    expect(postgres.created).toBe(false);
    await postgres.stop();
  });
});
