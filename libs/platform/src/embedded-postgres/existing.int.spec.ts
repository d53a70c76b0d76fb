import { existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { ask } from '../testing/ask';
import { passableTempDir } from '../testing/temp-dir';
import { startEmbeddedPostgres } from './embedded-postgres';
import { openExistingPostgres } from './existing';

// Whole servers are started: on a busy machine that takes its time.
jest.setTimeout(60_000);

const silent = (): void => undefined;
let dir: string;
beforeEach(() => {
  dir = passableTempDir();
});
afterEach(() => {
  rmSync(dir, { recursive: true });
});

it('makes nothing where there is nothing', async () => {
  const dataDir = join(dir, 'data');
  expect(await openExistingPostgres(dataDir, silent)).toBeUndefined();
  expect(existsSync(dataDir)).toBe(false);
});

it('joins a server that runs and leaves it running; starts one that does not and stops it', async () => {
  const dataDir = join(dir, 'data');
  const running = await startEmbeddedPostgres({ dataDir });
  try {
    await ask(running.url, 'create table kept (n integer)');
    const joined = await openExistingPostgres(dataDir, silent);
    expect(joined?.url).toBe(running.url);
    await joined?.close();
    expect(await ask(running.url, 'select * from kept')).toEqual([]);
  } finally {
    await running.stop();
  }
  const started = await openExistingPostgres(dataDir, silent);
  expect(await ask(started?.url ?? '', 'select * from kept')).toEqual([]);
  await started?.close();
  await expect(ask(started?.url ?? '', 'select 1')).rejects.toThrow('ECONNREFUSED');
});
