import { type ChildProcess, spawn } from 'node:child_process';
import { cpSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { once } from 'node:events';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

const PROJECT = join(__dirname, '../..');

/** Stands in for npm, so that the tests need no network: `ci` links this project's packages and writes the record. */
const NPM = `
const fs = require('node:fs');
const real = ${JSON.stringify(join(PROJECT, 'node_modules'))};
fs.appendFileSync('npm-calls', process.argv.slice(2).join(' ') + '\\n');
if (fs.existsSync('npm-fails')) { console.error('npm error network'); process.exit(9); }
fs.rmSync('node_modules', { recursive: true, force: true });
fs.mkdirSync('node_modules');
for (const name of ['@swc', 'jest']) fs.symlinkSync(real + '/' + name, 'node_modules/' + name);
fs.copyFileSync('package-lock.json', 'node_modules/.package-lock.json');
console.log('added packages');
`;

const JEST_CONFIG = `
const project = (name) => ({ displayName: name, testMatch: ['**/*.' + name + '.spec.js'] });
const kafka = { ...project('kafka'), setupFilesAfterEnv: [${JSON.stringify(join(PROJECT, 'test/support/without-kafka.cjs'))}] };
module.exports = { projects: [...['unit', 'contract', 'int', 'e2e'].map(project), kafka] };
`;

const CLI = `
console.log(JSON.stringify({ args: process.argv.slice(2), main: require.main === module }));
process.exitCode = process.argv.includes('fail') ? 3 : 0;
`;

/** Stops on SIGTERM and SIGINT as the product does, slowly, and says when it listens. */
const API = `
const alive = setInterval(() => undefined, 1000);
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    console.log('stopping');
    setTimeout(() => { clearInterval(alive); process.exitCode = 7; console.log('stopped by ' + signal); }, 300);
  });
}
console.log('up');
`;

export interface Ran {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A small project with the real scripts, as an empty clone leaves it. */
export class Fixture {
  readonly dir = mkdtempSync(join(tmpdir(), 'guanxi-spec-'));

  constructor() {
    cpSync(join(PROJECT, 'infra/scripts'), join(this.dir, 'infra/scripts'), { recursive: true });
    cpSync(join(PROJECT, 'infra/kafka'), join(this.dir, 'infra/kafka'), { recursive: true });
    cpSync(join(PROJECT, '.swcrc'), join(this.dir, '.swcrc'));
    this.write('package.json', JSON.stringify({ name: 'fixture', engines: { node: '>=20.19' } }));
    this.writeLockfile('1.0.0');
    this.write('npm/npm-cli.js', NPM);
    this.write('jest.config.js', JEST_CONFIG);
    this.write('apps/cli/src/main.ts', CLI);
    this.write('apps/cli/src/main.unit.spec.ts', 'this does not compile (');
    this.write('apps/api/src/main.ts', API);
  }

  writeLockfile(version: string, names: readonly string[] = ['some']): void {
    const packages = Object.fromEntries(names.map((name) => [`node_modules/${name}`, { version }]));
    this.write('package-lock.json', JSON.stringify({ packages: { '': { name: 'fixture' }, ...packages } }));
  }

  write(file: string, text: string): void {
    mkdirSync(dirname(join(this.dir, file)), { recursive: true });
    writeFileSync(join(this.dir, file), text);
  }

  read(file: string): string {
    return readFileSync(join(this.dir, file), 'utf8');
  }

  spawn(args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    return spawn(process.execPath, [join(this.dir, 'infra/scripts/run.mjs'), ...args], {
      cwd: this.dir,
      env: { PATH: process.env['PATH'], npm_execpath: join(this.dir, 'npm/npm-cli.js'), ...env },
    });
  }

  run(...args: string[]): Promise<Ran> {
    return finish(this.spawn(args));
  }

  remove(): void {
    rmSync(this.dir, { recursive: true });
  }
}

/** Collects what the process says until it has ended. */
export async function finish(child: ChildProcess): Promise<Ran> {
  const text = { stdout: '', stderr: '' };
  child.stdout?.on('data', (chunk) => (text.stdout += String(chunk)));
  child.stderr?.on('data', (chunk) => (text.stderr += String(chunk)));
  const [code] = (await once(child, 'close')) as [number | null];
  return { code, ...text };
}

/** Holds when the process has said this on stdout. */
export async function said(child: ChildProcess, word: string): Promise<void> {
  let text = '';
  for await (const [chunk] of on(child)) {
    text += String(chunk);
    if (text.includes(word)) return;
  }
}

async function* on(child: ChildProcess): AsyncGenerator<unknown[]> {
  while (child.exitCode === null && child.stdout !== null) yield await once(child.stdout, 'data');
}
