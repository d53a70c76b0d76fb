import { execFileSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const FOLDER = join(dirname(fileURLToPath(import.meta.url)), 'baselines');

/** Versions by path, as a lock file or npm's own record of what it installed has them. */
function packagesOf(file) {
  if (!existsSync(file)) return {};
  return JSON.parse(readFileSync(file, 'utf8')).packages ?? {};
}

function areInstalled() {
  const installed = packagesOf(join(FOLDER, 'node_modules/.package-lock.json'));
  return Object.entries(packagesOf(join(FOLDER, 'package-lock.json'))).every(
    ([path, { version, optional }]) => path === '' || optional || installed[path]?.version === version,
  );
}

/** Installs what the benchmarks compare with, unless it is there: nothing else of the project needs it. */
export function installBaselines() {
  if (areInstalled()) return;
  console.log('Installing what is compared with (npm ci in test/load/baselines) ...');
  execFileSync('npm', ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--prefix', FOLDER], {
    stdio: ['ignore', 'ignore', 'inherit'],
  });
}
