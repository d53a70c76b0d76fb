import { execFileSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync, readlinkSync } from 'node:fs';
import { setTimeout as delay } from 'node:timers/promises';

const PROC = existsSync('/proc/self/stat');

/**
 * When a process started, in a form that only serves to tell it from a later process with the same number.
 * Undefined when no such process runs; a zombie has ended.
 */
export function processStart(pid: number): string | undefined {
  return PROC ? startFromProc(pid) : startFromPs(pid);
}

/** Ticks since the machine's boot, with the boot's id, as the ticks begin anew with each boot. */
function startFromProc(pid: number): string | undefined {
  const stat = readOrUndefined(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  if (stat === undefined) return undefined;
  // The second field, the name, may hold spaces and parentheses: count from its end.
  const [state, ...fields] = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
  if (state === 'Z' || state === 'X') return undefined;
  const boot = readOrUndefined(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim());
  return `${boot ?? 'boot'}/${fields[18] ?? ''}`;
}

function startFromPs(pid: number): string | undefined {
  const line = ps(pid, 'stat=,lstart=');
  return line === undefined || line.startsWith('Z') ? undefined : line.replace(/^\S+\s+/, '');
}

/** Whether the process is a PostgreSQL server, or a part of one, that works on this data directory. */
export function isServerOf(pid: number, clusterDir: string): boolean {
  if (processStart(pid) === undefined) return false;
  const [program = '', ...rest] = commandLine(pid);
  if (!/(^|\/)(postgres|postmaster)(:|$)/.test(program)) return false;
  const cwd = readOrUndefined(() => readlinkSync(`/proc/${pid}/cwd`));
  // Another user's process hides its working directory, but not its command line.
  return cwd === undefined ? rest.includes(clusterDir) : cwd === clusterDir;
}

/** Every process that works on the data directory; empty where the system does not tell. */
export function serversOf(clusterDir: string): readonly number[] {
  if (!PROC) return [];
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .filter((pid) => readOrUndefined(() => readlinkSync(`/proc/${pid}/cwd`)) === clusterDir)
    .filter((pid) => isServerOf(pid, clusterDir));
}

/** The arguments; where only `ps` tells them, they are split at spaces. */
function commandLine(pid: number): readonly string[] {
  if (!PROC) return (ps(pid, 'command=') ?? '').split(' ');
  return (readOrUndefined(() => readFileSync(`/proc/${pid}/cmdline`, 'utf8')) ?? '').split('\0');
}

const ps = (pid: number, format: string): string | undefined =>
  readOrUndefined(() =>
    execFileSync('ps', ['-o', format, '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim(),
  ) || undefined;

function readOrUndefined<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

/** Looks again every few milliseconds until the condition holds. @returns whether it came to hold in time */
export async function waitUntil(holds: () => boolean, timeoutMs: number): Promise<boolean> {
  const end = performance.now() + timeoutMs;
  while (!holds()) {
    if (performance.now() > end) return false;
    await delay(20);
  }
  return true;
}
