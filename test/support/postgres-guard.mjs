/**
 * Outlives a test run that was killed: once its standard input ends, it shuts down the PostgreSQL server of the
 * directory given, if one still runs, and removes the directory.
 */
import { existsSync, readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';

const [, , dir] = process.argv;
const pidFile = join(dir, 'postgres', 'postmaster.pid');

for await (const chunk of process.stdin) void chunk;

for (let tries = 0; existsSync(pidFile) && tries < 200; tries++) {
  if (tries % 50 === 0) stop(Number(readFileSync(pidFile, 'utf8').split('\n', 1)[0]));
  await delay(50);
}
rmSync(dir, { recursive: true, force: true });

/** @param {number} pid */
function stop(pid) {
  try {
    if (pid > 0) process.kill(pid, 'SIGQUIT');
  } catch {
    // It has ended meanwhile.
  }
}
