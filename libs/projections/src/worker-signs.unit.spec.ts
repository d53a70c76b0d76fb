import { readFileSync, readdirSync } from 'node:fs';
import { join } from 'node:path';
import { WorkerSigns } from './worker-signs';

const at = (beat: number, present = true): { id: string; beat: string; present: boolean } => ({
  id: 'other',
  beat: String(beat),
  present,
});

describe('signs of other workers', () => {
  it('tell that one is dead when its beat has stood still for as long as patience lasts', () => {
    const signs = new WorkerSigns(5_000, 2_000);
    const dead = [0, 1, 2, 3, 4, 5].map((second) => signs.look([at(7)], second * 1_000).length);
    expect(dead).toEqual([0, 0, 0, 0, 0, 1]);
  });

  it('tell that one is gone at the second look at it without a session', () => {
    const signs = new WorkerSigns(5_000, 2_000);
    expect(signs.look([at(7, false)], 0)).toEqual([]);
    expect(signs.look([at(7, false)], 100)).toEqual([at(7, false)]);
  });

  it('start anew with every beat', () => {
    const signs = new WorkerSigns(3_000, 2_000);
    for (let second = 0; second < 20; second += 1)
      expect(signs.look([at(second >> 1)], second * 1_000)).toEqual([]);
  });

  it('count no time in which the one that looks was halted itself', () => {
    const signs = new WorkerSigns(5_000, 2_000);
    signs.look([at(7)], 0);
    expect(signs.look([at(7)], 3_600_000)).toEqual([]);
    expect(signs.look([at(8)], 3_601_000)).toEqual([]);
  });
});

it('no clock that people or networks set decides anything about workers', () => {
  const files = readdirSync(__dirname).filter((name) =>
    /^(lease|worker|runner|follower|checkpoints|fair-share|groups|ailing|keep-on).*\.ts$/.test(name),
  );
  const sources = files.filter((name) => !name.includes('.spec.'));
  expect(sources.length).toBeGreaterThanOrEqual(11);
  for (const name of sources) {
    const text = readFileSync(join(__dirname, name), 'utf8').replaceAll(/performance\.now\(\)/g, '');
    // When a checkpoint last moved is written down for people to read, and never read back.
    const rest = text.replaceAll('updated_at = now()', '');
    expect({ name, clocks: rest.match(/\bDate\b|\bnow\(\)|clock_timestamp|current_timestamp/g) }).toEqual({
      name,
      clocks: null,
    });
  }
});
