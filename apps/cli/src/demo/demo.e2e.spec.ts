import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, symlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { at } from '../show/table';

const root = join(__dirname, '../../../..');

/** The demo starts the built product as a process of its own: this builds what the sources say now, aside. */
function build(target: string): void {
  const swc = join(root, 'node_modules/@swc/cli/bin/swc.js');
  const options = [
    '-d',
    join(target, 'dist'),
    '--config-file',
    '.swcrc',
    '--ignore',
    '**/*.spec.ts',
    '--copy-files',
    '--quiet',
  ];
  const { status, stderr } = spawnSync(process.execPath, [swc, 'apps', 'libs', ...options], {
    cwd: root,
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(stderr);
  symlinkSync(join(root, 'node_modules'), join(target, 'node_modules'), 'dir');
  symlinkSync(join(root, 'package.json'), join(target, 'package.json'));
}

describe('the demo', () => {
  let place: string;
  beforeAll(() => {
    place = mkdtempSync(join(tmpdir(), 'guanxi-built-'));
    build(place);
  });
  afterAll(() => {
    rmSync(place, { recursive: true, force: true });
  });

  const start = (...more: readonly string[]): ChildProcess => {
    const fixed = ['--directory', join(place, 'demo'), '--years', '1', '--until', '2026-07-01', '--json'];
    const main = join(place, 'dist/apps/cli/src/main.js');
    // An inherited database or address is not the demo's.
    const env = {
      ...process.env,
      DATABASE_URL: 'postgres://nobody@127.0.0.1:9/none',
      GUANXI_URL: 'http://127.0.0.1:9',
    };
    return spawn(process.execPath, [main, 'demo', ...fixed, ...more], {
      cwd: place,
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
  };
  const ended = (child: ChildProcess): Promise<number | null> =>
    new Promise((resolve) => {
      child.once('close', resolve);
    });

  it('fills a product of its own and shows what can be asked, then stops on demand', async () => {
    const child = start('--exit');
    const { stdout, stderr } = child;
    if (!stdout || !stderr) throw new Error('no output');
    const [out, told, code] = await Promise.all([text(stdout), text(stderr), ended(child)]);
    expect({ code, told: code === 0 ? '' : told }).toEqual({ code: 0, told: '' });
    const json: unknown = JSON.parse(out.trimEnd().split('\n').at(-1) ?? '');
    expect(at(json, 'simulated.refused')).toBe(0);
    expect(at(json, 'board.total.count')).toBeGreaterThan(0);
    expect(at(json, 'churn')).toHaveLength(3);
    expect(at(json, 'pyramid.tiers')).toHaveLength(4);
    expect(at(json, 'refused.facts.missing')).toContain('verbalAgreement');
    const movements = at(json, 'waterfall.movements');
    const moved: readonly unknown[] = Array.isArray(movements) ? movements : [];
    const sum = (path: string): number =>
      moved.reduce((total: number, each) => total + Number(at(each, path)), 0);
    expect(Number(at(json, 'waterfall.opening.count')) + sum('count')).toBe(
      at(json, 'waterfall.closing.count'),
    );
    const value = (which: string): unknown => at(json, `asKnownAt.${which}.total.value.amount`);
    expect(value('asBelieved')).toBe(value('before'));
    expect(value('after')).not.toBe(value('before'));
    for (const query of ['board', 'waterfall', 'churn/history', 'pyramid', 'advance', 'asKnownAt='])
      expect(told).toContain(query);
    await expect(fetch(String(at(json, 'url')))).rejects.toThrow();
  });

  it('leaves the server running until it is told to stop, and keeps its data on demand', async () => {
    const child = start('--keep');
    const over = ended(child);
    const shown = new Promise<unknown>((resolve, reject) => {
      let out = '';
      child.stdout?.setEncoding('utf8').on('data', (chunk: string) => {
        out += chunk;
        if (out.endsWith('\n')) resolve(JSON.parse(out));
      });
      void over.then(() => {
        reject(new Error('the demo ended by itself'));
      });
    });
    const json = await shown;
    expect(at(json, 'simulated.accepted')).toBe(0);
    expect(at(json, 'simulated.unchanged')).toBe(at(json, 'simulated.commands'));
    const url = String(at(json, 'url'));
    expect((await fetch(`${url}/health/ready`)).status).toBe(200);
    child.kill('SIGINT');
    expect(await over).toBe(0);
    await expect(fetch(`${url}/health/ready`)).rejects.toThrow();
  });
});
