import { spawnSync } from 'node:child_process';
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

/**
 * What is known of a broker that was started: `id` stands in its command line, so that another process that got the
 * same number later is never taken for it.
 *
 * @typedef {{ pid: number, id: string, port: number }} Running
 */

const fileOf = (dir) => join(dir, 'broker.json');

/** The Java option that carries the id. */
export const markOf = (id) => `-Dguanxi.kafka=${id}`;

/** @returns {Running | undefined} the broker that runs in this directory now */
export function runningIn(dir) {
  const noted = noteOf(dir);
  return noted !== undefined && isRunning(noted) ? noted : undefined;
}

/** Whether this is the broker that was started last in the directory, and nobody has stopped it since. */
export const isNoted = (dir, { id }) => noteOf(dir)?.id === id;

function noteOf(dir) {
  try {
    return JSON.parse(readFileSync(fileOf(dir), 'utf8'));
  } catch {
    return undefined; // Never started, or killed while it wrote.
  }
}

/** @param {Running} running */
export function isRunning({ pid, id }) {
  return Number.isInteger(pid) && pid > 1 && typeof id === 'string' && commandOf(pid).includes(markOf(id));
}

export const note = (dir, running) => writeFileSync(fileOf(dir), JSON.stringify(running));
export const forget = (dir) => rmSync(fileOf(dir), { force: true });

/** The command line of a process; nothing of one that has ended. */
function commandOf(pid) {
  try {
    if (process.platform === 'linux') return readFileSync(`/proc/${pid}/cmdline`, 'utf8');
  } catch {
    return '';
  }
  return spawnSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], { encoding: 'utf8' }).stdout ?? '';
}
