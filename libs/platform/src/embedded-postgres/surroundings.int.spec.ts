import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
} from 'node:fs';
import { basename, join } from 'node:path';
import { ask } from '../testing/ask';
import { childStart, endChild } from '../testing/child-start';
import { passableTempDir } from '../testing/temp-dir';
import { findPackage } from './binaries';
import { type EmbeddedPostgres, startEmbeddedPostgres } from './embedded-postgres';
import { blockingDirectory, unprivilegedUser } from './run-user';

// Whole servers and builds are started: on a busy machine that takes its time.
jest.setTimeout(60_000);

const isRoot = process.getuid?.() === 0;
const asRoot = isRoot ? it : it.skip;
// Root is not held up by modes: it lets another user start, who has to be able to read this project.
const ordinary = isRoot ? unprivilegedUser() : undefined;
const asOrdinaryUser =
  ordinary === undefined || blockingDirectory(__dirname, ordinary) === undefined ? it : it.skip;
const asRootAndOthers = isRoot ? asOrdinaryUser : it.skip;

/** A copy of the package with the programs, with or without the links that its install script makes. */
function copyPackage(to: string, links: 'with links' | 'without links'): string {
  const copy = join(to, basename(findPackage()));
  cpSync(findPackage(), copy, {
    recursive: true,
    verbatimSymlinks: true,
    filter: (source) => !source.endsWith('.a'),
  });
  if (links === 'without links') for (const link of listedLinks(copy)) rmSync(link, { force: true });
  return copy;
}

const listedLinks = (packageDir: string): string[] =>
  (
    JSON.parse(readFileSync(join(packageDir, 'native', 'pg-symlinks.json'), 'utf8')) as { target: string }[]
  ).map(({ target }) => join(packageDir, target));

describe('the embedded PostgreSQL in hard surroundings', () => {
  let dir: string;
  let lines: string[];
  const start = (options: { dataDir: string; packageDir?: string }): Promise<EmbeddedPostgres> =>
    startEmbeddedPostgres({
      ...options,
      shelters: [join(dir, 'missing'), join(dir, 'shelter')],
      cacheParents: [join(dir, 'cache')],
      log: (line) => void lines.push(line),
    });

  beforeEach(() => {
    dir = passableTempDir();
    lines = [];
    for (const [name, mode] of [
      ['home', 0o700],
      ['shelter', 0o755],
      ['cache', 0o755],
    ] as const) {
      mkdirSync(join(dir, name));
      chmodSync(join(dir, name), mode);
    }
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  asRoot(
    'keeps data elsewhere that its user cannot reach in a home of mode 0700, and finds them again',
    async () => {
      const dataDir = join(dir, 'home', 'project', '.guanxi');
      const first = await start({ dataDir });
      expect(first.dataDir).toMatch(new RegExp(`^${join(dir, 'shelter')}/guanxi-data-\\w+/postgres$`));
      expect(lines).toEqual([
        expect.stringMatching(
          /nobody, who runs it instead, can't pass .*home \(mode 0700\).*The data are kept in .*shelter/,
        ),
      ]);
      await ask(first.url, 'create table facts as select 42 as n');
      await first.stop();

      const second = await start({ dataDir });
      expect(second.dataDir).toBe(first.dataDir);
      expect(await ask(second.url, 'select n from facts')).toEqual([{ n: 42 }]);
      await second.stop();
      expect(readdirSync(join(dir, 'shelter'))).toHaveLength(1);

      rmSync(join(dir, 'shelter'), { recursive: true });
      await expect(start({ dataDir })).rejects.toMatchObject({
        code: 'data-moved-away',
        message: expect.stringMatching(
          /The data were kept in .*shelter.*, as .*postgres\.location says, but that directory is gone/,
        ),
      });
    },
  );

  asRoot('says which directory keeps its user out when there is no other place', async () => {
    rmSync(join(dir, 'shelter'), { recursive: true });
    await expect(start({ dataDir: join(dir, 'home', '.guanxi') })).rejects.toMatchObject({
      code: 'data-dir-not-reachable',
      message: expect.stringMatching(
        /can't pass .*home \(mode 0700\).*nor is there a directory.*Set GUANXI_DATA_DIR/,
      ),
    });
  });

  asRoot('does not lose sight of data whose way was closed later', async () => {
    chmodSync(join(dir, 'home'), 0o755);
    const dataDir = join(dir, 'home', '.guanxi');
    await (await start({ dataDir })).stop();
    chmodSync(join(dir, 'home'), 0o700);
    await expect(start({ dataDir })).rejects.toMatchObject({
      code: 'data-dir-not-reachable',
      message: expect.stringContaining(`chmod o+x ${join(dir, 'home')}`),
    });
  });

  asRoot('uses a copy of programs that its user cannot reach, made once', async () => {
    const packageDir = copyPackage(join(dir, 'home'), 'with links');
    const first = await start({ dataDir: join(dir, 'data'), packageDir });
    expect(lines).toEqual([
      expect.stringMatching(/nobody can't pass .*home \(mode 0700\).*from a copy in .*cache/),
    ]);
    await first.stop();
    const [copy = ''] = readdirSync(join(dir, 'cache'));
    const made = statSync(join(dir, 'cache', copy)).ctimeMs;
    await (await start({ dataDir: join(dir, 'data'), packageDir })).stop();
    expect(readdirSync(join(dir, 'cache'))).toEqual([copy]);
    expect(statSync(join(dir, 'cache', copy)).ctimeMs).toBe(made);
  });

  asRoot('does not trust programs that others could have written', async () => {
    const packageDir = copyPackage(join(dir, 'home'), 'with links');
    await (await start({ dataDir: join(dir, 'data'), packageDir })).stop();
    chmodSync(join(dir, 'cache', readdirSync(join(dir, 'cache'))[0] ?? ''), 0o777);
    await expect(start({ dataDir: join(dir, 'data'), packageDir })).rejects.toMatchObject({
      code: 'binaries-not-usable',
      message: expect.stringMatching(/no place for a copy.*not a directory that only we can write/),
    });
  });

  asRootAndOthers(
    'runs data as their owner: for root as that user, for another user not at all',
    async () => {
      const dataDir = join(dir, 'own');
      mkdirFor(dataDir);
      const daemon = unprivilegedUser(['daemon']);
      await endChild(await childStart({ dataDir }, daemon));
      expect(statSync(join(dataDir, 'postgres')).uid).toBe(daemon.uid);

      const byRoot = await start({ dataDir });
      expect(byRoot.created).toBe(false);
      expect(statSync(`/proc/${byRoot.pid}`).uid).toBe(daemon.uid);
      await byRoot.stop();

      const byAnother = await childStart({ dataDir }, ordinary);
      expect(byAnother.answer.failed).toMatchObject({
        code: 'data-dir-of-another-user',
        message: expect.stringMatching(/belong to daemon.*Start Guanxi as the user who did so before/),
      });
      await endChild(byAnother);
    },
  );

  it('restores the library links that an install without scripts leaves out', async () => {
    const packageDir = copyPackage(dir, 'without links');
    expect(listedLinks(packageDir).some((link) => existsSync(link))).toBe(false);
    const postgres = await start({ dataDir: join(dir, 'data'), packageDir });
    expect(await ask(postgres.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    await postgres.stop();
    expect(listedLinks(packageDir).every((link) => existsSync(link))).toBe(true);
    expect(lines).toEqual([]);
  });

  it('says what it needs when the programs cannot run', async () => {
    const packageDir = copyPackage(dir, 'with links');
    rmSync(join(packageDir, 'native', 'lib'), { recursive: true });
    mkdirSync(join(packageDir, 'native', 'lib'));
    await expect(start({ dataDir: join(dir, 'data'), packageDir })).rejects.toMatchObject({
      code: 'binaries-not-usable',
      message: expect.stringMatching(/can't be run here: .*Set DATABASE_URL/s),
    });
  });

  asOrdinaryUser('uses a copy when an ordinary user may not restore the links', async () => {
    const packageDir = copyPackage(dir, 'without links');
    chmodSync(join(packageDir, 'native', 'lib'), 0o555);
    for (const name of ['own', 'own-cache']) mkdirFor(join(dir, name));
    const options = { dataDir: join(dir, 'own', 'data'), packageDir, cacheParents: [join(dir, 'own-cache')] };
    const started = await childStart(options, ordinary);
    expect(started.answer.failed).toBeUndefined();
    expect(started.answer.lines).toEqual([
      expect.stringMatching(/lacks library links and can't be changed.*own-cache/),
    ]);
    expect(await ask(started.answer.started?.url ?? '', 'select 1 as one')).toEqual([{ one: 1 }]);
    await endChild(started);
    chmodSync(join(packageDir, 'native', 'lib'), 0o755);
  });

  asOrdinaryUser('names a data directory that an ordinary user may not write', async () => {
    const closed = join(dir, 'closed');
    mkdirSync(closed, { mode: 0o555 });
    const refused = await childStart({ dataDir: join(closed, 'data') }, ordinary);
    expect(refused.answer.failed).toMatchObject({
      code: 'data-dir-not-writable',
      message: expect.stringContaining('EACCES'),
    });
    await endChild(refused);
  });

  function mkdirFor(path: string): void {
    mkdirSync(path);
    chmodSync(path, 0o777);
  }
});
