import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';
import { ROOT, runChild, say, SetUpError } from './project.mjs';

const SOURCES = ['apps', 'libs'];
const DIST = join(ROOT, 'dist');
const STAMP = join(DIST, '.guanxi-build.json');
const SWC = join(ROOT, 'node_modules/@swc/cli/bin/swc.js');

/** Whether `dist` was made from the sources as they are now. */
export function isBuilt() {
  const stamp = readStamp();
  if (stamp === undefined) return false;
  const files = sourceFiles();
  if (stamp.look === lookOf(files)) return true;
  // A checkout or a copy changes times without changing anything.
  const content = contentOf(files);
  if (stamp.content !== content) return false;
  leaveStamp({ look: lookOf(files), content });
  return true;
}

/** Compiles everything but the tests into `dist`, from nothing, so that no file of a former build stays behind. */
export async function build() {
  say('Building ...');
  const files = sourceFiles();
  const stamp = { look: lookOf(files), content: contentOf(files) };
  rmSync(DIST, { recursive: true, force: true });
  const sources = SOURCES.filter((folder) => existsSync(join(ROOT, folder)));
  const options = [
    '-d',
    DIST,
    '--config-file',
    '.swcrc',
    '--ignore',
    '**/*.spec.ts',
    '--copy-files',
    '--quiet',
  ];
  const code = await runChild([SWC, ...sources, ...options]);
  if (code !== 0) throw new SetUpError(`The build failed (exit code ${code}); its messages are above.`, code);
  leaveStamp(stamp);
}

/** Everything that the result depends on, in an order that does not change. */
function sourceFiles() {
  const found = SOURCES.filter((folder) => existsSync(join(ROOT, folder))).flatMap((folder) =>
    readdirSync(join(ROOT, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile() && !entry.name.endsWith('.spec.ts'))
      .map((entry) => join(entry.parentPath ?? entry.path, entry.name)),
  );
  return [...found, join(ROOT, '.swcrc'), join(ROOT, 'package-lock.json')].sort();
}

/** Names, sizes and times: a look at the directory, without reading a file. */
const lookOf = (files) =>
  digest(files, (file) => {
    const { size, mtimeMs } = statSync(file);
    return `${size} ${mtimeMs}`;
  });

const contentOf = (files) =>
  digest(files, (file) => createHash('sha256').update(readFileSync(file)).digest('hex'));

function digest(files, describe) {
  const hash = createHash('sha256');
  for (const file of files) hash.update(`${file.slice(ROOT.length)} ${describe(file)}\n`);
  return hash.digest('hex');
}

function readStamp() {
  if (!existsSync(STAMP)) return undefined;
  try {
    return JSON.parse(readFileSync(STAMP, 'utf8'));
  } catch {
    return undefined; // Half written by a build that was killed.
  }
}

/** Where the project can't be written, as in an image, each start reads the sources anew. */
function leaveStamp(stamp) {
  try {
    writeFileSync(STAMP, JSON.stringify(stamp));
  } catch (error) {
    if (!['EACCES', 'EROFS', 'EPERM'].includes(error.code)) throw error;
  }
}

/** `npm run build`: builds whether or not it has to. */
if (process.argv[1] !== undefined && resolve(process.argv[1]) === fileURLToPath(import.meta.url)) {
  const { withLock } = await import('./lock.mjs');
  const { areInstalled, install } = await import('./dependencies.mjs');
  try {
    await withLock(async () => {
      if (!areInstalled()) await install();
      await build();
    });
  } catch (error) {
    if (!(error instanceof SetUpError)) throw error;
    say(error.message);
    process.exitCode = error.exitCode;
  }
}
