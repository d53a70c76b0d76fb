import { linkSync, readFileSync, renameSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { ROOT, say, SetUpError } from './project.mjs';

const SET_UP = { file: join(ROOT, '.guanxi-setup.lock'), holder: 'another set-up of this project' };
const BEAT_MS = 1_000;
/** A holder that shows no sign of life for so long has ended, even if its number belongs to a process again. */
const STALE_MS = 15_000;

/**
 * Does the work while no other process of this project does the like; waits for one that does.
 *
 * @param {() => Promise<void>} work
 * @param {{ file: string, holder: string }} lock its file, and who else may hold it, in words
 */
export async function withLock(work, { file, holder: who } = SET_UP) {
  let told = false;
  while (!take(file)) {
    const holder = readHolder(file);
    if (holder === undefined) continue;
    if (!isAlive(holder)) {
      removeExactly(file, holder.text);
      continue;
    }
    if (!told) say(`Waiting for ${who} (pid ${holder.pid}) ...`);
    told = true;
    await delay(200);
  }
  const beat = setInterval(() => showLife(file), BEAT_MS);
  try {
    await work();
  } finally {
    clearInterval(beat);
    rmSync(file, { force: true });
  }
}

function showLife(file) {
  try {
    utimesSync(file, new Date(), new Date());
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  }
}

/** A link of a finished file: nobody sees a lock without its holder. */
function take(file) {
  const draft = `${file}.${randomUUID()}`;
  try {
    writeFileSync(draft, `${process.pid} ${randomUUID()}`);
    linkSync(draft, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw new SetUpError(`The set-up can't write to ${dirname(file)} (${error.message}).`);
  } finally {
    rmSync(draft, { force: true });
  }
}

function readHolder(file) {
  try {
    const text = readFileSync(file, 'utf8');
    return { text, pid: Number(text.split(' ')[0]), quietMs: Date.now() - statSync(file).mtimeMs };
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
function removeExactly(file, text) {
  const taken = `${file}.${randomUUID()}`;
  try {
    renameSync(file, taken);
    if (readFileSync(taken, 'utf8') !== text) linkSync(taken, file);
  } catch (error) {
    if (error.code !== 'ENOENT') throw error;
  } finally {
    rmSync(taken, { force: true });
  }
}
