import { chmodSync, existsSync, mkdirSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { Failure } from '../failures';
import { isRecord } from '../import/types';

const MARKER = 'made-by-guanxi-demo.json';
/** Where PostgreSQL keeps data that it could not keep in the directory itself, and how such places are named. */
const POINTER = 'postgres.location';
const SHELTER = /^guanxi-data-/;

/**
 * Makes the demo's directory, empty unless what is in it is to be kept. What the demo did not make it leaves alone.
 * @throws Failure `demo.directory`, `demo.running`
 */
export function prepareDirectory(directory: string, keep: boolean): void {
  if (existsSync(directory) && readdirSync(directory).length > 0) {
    const marker = join(directory, MARKER);
    if (!existsSync(marker)) {
      throw new Failure(
        'demo.directory',
        `${directory} holds something that the demo did not make; move it away, or choose another place with --directory`,
      );
    }
    const pid = serverOf(marker);
    if (pid !== undefined && isAlive(pid)) {
      throw new Failure(
        'demo.running',
        `a demo is running on ${directory} (process ${String(pid)}); stop it with Ctrl-C, or kill ${String(pid)}`,
      );
    }
    if (!keep) wipe(directory);
  }
  makeDirectory(directory);
  noteServer(directory, undefined);
}

/** As root, what is made here can be passed by the user who runs PostgreSQL, whatever the umask says. */
function makeDirectory(directory: string): void {
  const first = mkdirSync(directory, { recursive: true });
  if (first === undefined || process.getuid?.() !== 0) return;
  for (let made = directory; made.length >= first.length; made = dirname(made)) chmodSync(made, 0o711);
}

/** Notes which process serves the directory, so that a second demo does not pull the data away under it. */
export function noteServer(directory: string, pid: number | undefined): void {
  writeFileSync(join(directory, MARKER), `${JSON.stringify({ server: pid ?? null })}\n`);
}

function wipe(directory: string): void {
  const pointer = join(directory, POINTER);
  if (existsSync(pointer)) {
    const shelter = readFileSync(pointer, 'utf8').trim();
    if (SHELTER.test(basename(shelter))) rmSync(shelter, { recursive: true, force: true });
  }
  rmSync(directory, { recursive: true, force: true });
}

function serverOf(marker: string): number | undefined {
  try {
    const noted: unknown = JSON.parse(readFileSync(marker, 'utf8'));
    return isRecord(noted) && typeof noted['server'] === 'number' ? noted['server'] : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
