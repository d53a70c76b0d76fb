import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT, say, SetUpError } from './project.mjs';

const LOCK = join(ROOT, '.guanxi-setup.lock');
const BEAT_MS = 1_000;
/** A holder that shows no sign of life for so long has ended, even if its number belongs to a process again. */
const STALE_MS = 15_000;

/**
 * Does the work while no other process of this project does the like; waits for one that does.
 *
 * @param {() => Promise<void>} work
 */
export async function withLock(work) {
  let told = false;
  while (!take()) {
    const holder = readHolder();
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      removeExactly(holder.text);
      continue;
    }
    if (!told) say(`Waiting for another set-up of this project (pid ${holder.pid}) ...`);
    told = true;
    await delay(200);
  }
  const beat = setInterval(showLife, BEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(beat);
    rmSync(LOCK, { force: true });
  }
}

function showLife() {
  try {
    utimesSync(LOCK, new Date(), new Date());
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** A link of a finished file: nobody sees a lock without its holder. */
function take() {
  const draft = `${LOCK}.${randomUUID()}`;
  try {
    writeFileSync(draft, `${process.pid} ${randomUUID()}`);
    linkSync(draft, LOCK);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new SetUpError(`The set-up can't write to ${ROOT} (${error.message}).`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder() {
  try {
    const text = readFileSync(LOCK, 'utf8');
    return { text, pid: Number(text.split(' ')[0]), quietMs: Date.now() - statSync(LOCK).mtimeMs };
  } catch (error) {
    if (error.code === 'ENOENT') return undefined;
    throw error;
  }
}

function isAlive({ pid, quietMs }) {
  if (quietMs > STALE_MS) return false;
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

/** Two that find the same stale lock may both try: who took a newer one away by that puts it back. */
function removeExactly(text) {
  const taken = `${LOCK}.${randomUUID()}`;
  try {
    renameSync(LOCK, taken);
    if (readFileSync(taken, 'utf8') !== text) linkSync(taken, LOCK);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  } finally {
    rmSync(taken, { force: true });
  }
}
