import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { claimDataDir } from './claim';
import { processStart } from './processes';

describe('the claim on a data directory', () => {
  let dir: string;
  const ownerFile = (): string => join(dir, 'postgres.owner.json');

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'guanxi-spec-'));
  });

  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('is one process at a time, and says who and where', () => {
    const claim = claimDataDir(dir);
    expect(() => claimDataDir(dir)).toThrow(
      `another Guanxi runs on this data directory (pid ${process.pid}, port not known yet): ${dir}`,
    );
    claim.announce(5433);
    expect(() => claimDataDir(dir)).toThrow(`(pid ${process.pid}, port 5433)`);
    expect(() => claimDataDir(dir)).toThrow(expect.objectContaining({ code: 'data-dir-in-use' }));
  });

  it('is free after its release, and leaves nothing behind', () => {
    const first = claimDataDir(dir);
    expect(first.tookOver).toBe(false);
    first.release();
    first.release();
    expect(readdirSync(dir)).toEqual([]);
    expect(claimDataDir(dir).tookOver).toBe(false);
    expect(readdirSync(dir)).toEqual(['postgres.owner.json']);
  });

  it.each([
    ['a process that has ended', JSON.stringify({ pid: 2 ** 30, start: 'then' })],
    ['a process whose number another one has now', JSON.stringify({ pid: process.pid, start: 'then' })],
    ['nobody, as its file is broken', '{"pid":'],
    ['nobody, as its file is not ours', '[]'],
  ])('is taken over from %s', (_, content) => {
    writeFileSync(ownerFile(), content);
    expect(claimDataDir(dir).tookOver).toBe(true);
    expect(() => claimDataDir(dir)).toThrow(`pid ${process.pid}`);
  });

  it('tells a process from a later one with the same number by its start', () => {
    expect(processStart(process.pid)).toBe(processStart(process.pid));
    expect(processStart(1)).not.toBe(processStart(process.pid));
    expect(processStart(2 ** 30)).toBeUndefined();
  });
});
