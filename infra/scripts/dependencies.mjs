import { createHash } from 'node:crypto';
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { ROOT, runChild, say, SetUpError } from './project.mjs';

const LOCKFILE = join(ROOT, 'package-lock.json');
const MODULES = join(ROOT, 'node_modules');
const STAMP = join(MODULES, '.guanxi-setup');

/** What is installed depends on the lock file and on the machine (packages with programs in them). */
const wantedStamp = () =>
  `${createHash('sha256').update(readFileSync(LOCKFILE)).digest('hex')} ${process.platform}-${process.arch}\n`;

/** Whether `node_modules` is what the lock file says. */
export function areInstalled() {
  if (!existsSync(MODULES)) return false;
  if (existsSync(STAMP) && readFileSync(STAMP, 'utf8') === wantedStamp()) return true;
  if (!agreesWithLockfile()) return false;
  leaveStamp();
  return true;
}

export async function install() {
  say('Installing the dependencies (npm ci) ...');
  // The build needs development packages, the embedded PostgreSQL is an optional one: neither may be left out.
  const args = ['ci', '--include=dev', '--include=optional', '--no-audit', '--no-fund'];
  const npm = process.env['npm_execpath'] ?? '';
  const code = basename(npm) === 'npm-cli.js' ? await runChild([npm, ...args]) : await runChild(args, 'npm');
  if (code !== 0) throw new SetUpError(`npm ci failed (exit code ${code}); its messages are above.`, code);
  leaveStamp();
}

/** Somebody installed by hand: npm's own record of what it installed tells whether nothing is left to do. */
function agreesWithLockfile() {
  const record = join(MODULES, '.package-lock.json');
  if (!existsSync(record)) return false;
  const installed = packagesOf(record);
  return Object.entries(packagesOf(LOCKFILE)).every(([path, wanted]) => {
    if (path === '') return true;
    const found = installed[path];
    if (found === undefined) return wanted.optional === true && !isForThisMachine(wanted);
    return found.version === wanted.version && found.integrity === wanted.integrity;
  });
}

/** Some optional packages bring programs for one kind of machine each; those of other machines are rightly absent. */
const isForThisMachine = ({ os, cpu, libc }) =>
  libc === undefined && (os?.includes(process.platform) ?? false) && (cpu?.includes(process.arch) ?? true);

const packagesOf = (file) => JSON.parse(readFileSync(file, 'utf8')).packages ?? {};

/** Where the project can't be written, each start looks anew. */
function leaveStamp() {
  try {
    writeFileSync(STAMP, wantedStamp());
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  }
}
