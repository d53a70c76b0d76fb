import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
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

/** Whether nobody has begun to stop this broker, which was started in the directory. */
export function isWanted(dir, { id }) {
  const noted = noteOf(dir);
  return noted?.id === id && noted.stopping !== true;
}

function noteOf(dir) {
  try {
    return JSON.parse(readFileSync(fileOf(dir), 'utf8'));
  } catch {
    return undefined; // Never started, or killed while it wrote.
  }
}

/**
 * Whether it still holds its port and files: one that was killed does so for a moment.
 *
 * @param {Running} running
 */
export function isRunning({ pid, id }) {
  if (!Number.isInteger(pid) || pid <= 1 || typeof id !== 'string') return false;
  const command = commandOf(pid);
  return command.includes(markOf(id)) || (command === '' && isEnding(pid));
}

/** Linux takes away the command line first, then files, thread by thread; who is left then is dead in name only. */
function isEnding(pid) {
  if (process.platform !== 'linux') return false;
  try {
    const state = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ').at(-1)?.[0];
    return (state !== 'Z' && state !== 'X') || readdirSync(`/proc/${pid}/task`).length > 1;
  } catch {
    return false; // It has ended.
  }
}

/** Whole or not at all: without it, nobody would find the broker again. */
export function note(dir, running) {
  writeFileSync(`${fileOf(dir)}.new`, JSON.stringify(running));
  renameSync(`${fileOf(dir)}.new`, fileOf(dir));
}

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
