import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { noteServer, prepareDirectory } from './directory';
import { quartersBefore } from './stage';

describe("the demo's directory", () => {
  let parent: string;
  let directory: string;
  beforeEach(() => {
    parent = mkdtempSync(join(tmpdir(), 'guanxi-demo-'));
    directory = join(parent, 'demo');
  });
  afterEach(() => {
    rmSync(parent, { recursive: true, force: true });
  });

  it('is made, and emptied when the demo made it', () => {
    prepareDirectory(directory, false);
    writeFileSync(join(directory, 'old'), '');
    prepareDirectory(directory, false);
    expect(readdirSync(directory)).toEqual(['made-by-guanxi-demo.json']);
  });

  it('keeps what is in it on demand', () => {
    prepareDirectory(directory, false);
    writeFileSync(join(directory, 'old'), '');
    prepareDirectory(directory, true);
    expect(existsSync(join(directory, 'old'))).toBe(true);
  });

  it('is left alone when somebody else made it', () => {
    writeFileSync(join(parent, 'mine'), '');
    for (const keep of [true, false]) {
      expect(() => {
        prepareDirectory(parent, keep);
      }).toThrow(/did not make/);
    }
    expect(readdirSync(parent)).toEqual(['mine']);
  });

  it('is left alone while a demo runs on it', () => {
    prepareDirectory(directory, false);
    noteServer(directory, process.pid);
    writeFileSync(join(directory, 'data'), '');
    expect(() => {
      prepareDirectory(directory, false);
    }).toThrow(/is running/);
    expect(existsSync(join(directory, 'data'))).toBe(true);
    noteServer(directory, undefined);
    prepareDirectory(directory, false);
    expect(existsSync(join(directory, 'data'))).toBe(false);
  });

  it('takes its data elsewhere along, but nothing that is not named as such', () => {
    prepareDirectory(directory, false);
    const shelter = mkdtempSync(join(parent, 'guanxi-data-'));
    writeFileSync(join(directory, 'postgres.location'), `${shelter}\n`);
    prepareDirectory(directory, false);
    expect(existsSync(shelter)).toBe(false);
    const precious = mkdtempSync(join(parent, 'precious-'));
    writeFileSync(join(directory, 'postgres.location'), `${precious}\n`);
    prepareDirectory(directory, false);
    expect(existsSync(precious)).toBe(true);
  });
});

it('counts whole quarters back from a moment, over the turn of the year', () => {
  const named = quartersBefore(Date.UTC(2026, 1, 14), 2).map((each) =>
    each.map((date) => date.toISOString().slice(0, 10)),
  );
  expect(named).toEqual([
    ['2025-07-01', '2025-10-01'],
    ['2025-10-01', '2026-01-01'],
  ]);
});
