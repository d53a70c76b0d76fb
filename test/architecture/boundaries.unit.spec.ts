import { execFileSync } from 'node:child_process';
import { readdirSync } from 'node:fs';
import { join } from 'node:path';

interface Violation {
  readonly rule: string;
  readonly from: string;
  readonly to: string;
}

interface Cruise {
  readonly modules: number;
  readonly violations: readonly Violation[];
}

interface Report {
  readonly rules: readonly string[];
  readonly project: Cruise;
  readonly seeds: Readonly<Record<string, Cruise>>;
}

/** A folder is named after the rule that it breaks; what follows `--` tells several ways of breaking it apart. */
const ruleOf = (seed: string): string => seed.split('--')[0] ?? seed;

const seeds = readdirSync(join(__dirname, 'seeded')).sort();

describe('the import directions', () => {
  let report: Report;

  beforeAll(() => {
    const printed = execFileSync(process.execPath, [join(__dirname, 'cruise.mjs')], {
      encoding: 'utf8',
      maxBuffer: 64 * 1024 * 1024,
    });
    report = JSON.parse(printed) as Report;
  }, 60_000);

  it('hold in the whole project', () => {
    expect(report.project.modules).toBeGreaterThan(0);
    expect(report.project.violations).toEqual([]);
  });

  it.each(seeds)('are seen to be broken by the seeded tree %s, and by its own rule alone', (seed) => {
    const fired = new Set(report.seeds[seed]?.violations.map(({ rule }) => rule));
    expect([...fired]).toEqual([ruleOf(seed)]);
  });

  it('are each proven by a seeded tree', () => {
    const proven = new Set(seeds.map(ruleOf));
    expect(report.rules.filter((rule) => !proven.has(rule))).toEqual([]);
  });
});
