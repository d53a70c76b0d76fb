import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = dirname(dirname(dirname(fileURLToPath(import.meta.url))));
export const DATA = join(ROOT, '../shared/data');

const KEY = 'a-key-for-benchmarks-only';
const { scripts } = JSON.parse(readFileSync(join(ROOT, 'package.json'), 'utf8'));
/** What Node gets for an npm command, without npm in between: what is measured is ours alone. */
const argumentsOf = (command) => scripts[command].replace(/^exec node /, '').split(' ');

/** Ends the run with a clear word where the public data sets are absent. */
export function requireData() {
  if (existsSync(join(DATA, 'reference.json'))) return;
  console.error('This benchmark needs the public data sets in ../shared/data; nothing was measured.');
  process.exit(1);
}

/**
 * Starts the product as `npm start` does, in an empty directory and on a free port.
 * @param {{environment?: object, nodeArguments?: readonly string[]}} [more]
 * @returns {Promise<{url: string, pid: number, readyMs: number, get: Function, stop: Function, environment: object}>}
 */
export async function startProduct({ environment: more = {}, nodeArguments = [] } = {}) {
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-bench-'));
  const environment = {
    ...process.env,
    GUANXI_DATA_DIR: dir,
    GUANXI_ADMIN_KEY: KEY,
    GUANXI_PORT: '0',
    GUANXI_LOG_LEVEL: 'error',
    ...more,
  };
  const begun = performance.now();
  const child = spawn(process.execPath, [...nodeArguments, ...argumentsOf('start')], {
    cwd: ROOT,
    env: environment,
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const url = await addressOf(child);
  const readyMs = performance.now() - begun;
  const health = await fetch(`${url}/health/ready`);
  if (health.status !== 200) throw new Error(`not ready: ${await health.text()}`);
  const get = async (path, headers = {}) => {
    const response = await fetch(`${url}${path}`, {
      headers: { authorization: `Bearer ${KEY}`, ...headers },
    });
    const body = await response.json();
    if (response.status !== 200) throw new Error(`${path}: ${JSON.stringify(body)}`);
    return body;
  };
  return {
    url,
    pid: child.pid,
    readyMs,
    get,
    environment: { ...environment, GUANXI_URL: url, GUANXI_API_KEY: KEY },
    stop: async () => {
      child.kill('SIGTERM');
      await new Promise((resolve) => child.once('exit', resolve));
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

function addressOf(child) {
  return new Promise((resolve, reject) => {
    let text = '';
    child.stdout.on('data', (chunk) => {
      text += chunk;
      const found = /http:\/\/127\.0\.0\.1:\d+/.exec(text);
      if (found) resolve(found[0]);
    });
    child.once('exit', (code) => reject(new Error(`the product ended with ${code}: ${text}`)));
  });
}

/** Runs the CLI's import; resolves to its summary. @param {(pid: number) => void} [watch] */
export function importFile(product, kind, file, mapping, watch = () => undefined) {
  return new Promise((resolve, reject) => {
    const args = [
      ...argumentsOf('guanxi'),
      'import',
      kind,
      join(DATA, file),
      '--map',
      `examples/mappings/${mapping}.yaml`,
      '--json',
    ];
    const child = spawn(process.execPath, args, {
      cwd: ROOT,
      env: product.environment,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    watch(child.pid);
    let text = '';
    child.stdout.on('data', (chunk) => (text += chunk));
    let told = '';
    child.stderr.on('data', (chunk) => (told = `${told}${chunk}`.slice(-2_000)));
    child.once('exit', (code) => {
      if (code !== 0) reject(new Error(`import of ${file} ended with ${code}: ${told}`));
      else resolve(JSON.parse(text.trim().split('\n').at(-1)));
    });
  });
}

/** Resident memory of a process in megabytes; 0 when it has ended. */
export function residentMegabytes(pid) {
  try {
    return Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1] ?? 0) / 1024;
  } catch {
    return 0;
  }
}

/** A quantile of numbers. */
export function quantile(values, q) {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.min(sorted.length - 1, Math.floor(q * sorted.length))] ?? 0;
}

/** Prints a table, and with --json the result as the last line. */
export function report(rows, result) {
  console.table(rows);
  if (process.argv.includes('--json')) console.log(JSON.stringify(result));
}
