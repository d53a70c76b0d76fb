import { spawnSync } from 'node:child_process';
import { createHash, randomUUID } from 'node:crypto';
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { withLock } from '../scripts/lock.mjs';
import { say } from '../scripts/project.mjs';
import { javaProgram } from './tools.mjs';

/** The exit code of what a signal has broken off: it says nothing about Kafka. */
export const BROKEN_OFF = 130;

/**
 * Java's options that make Kafka start in half the time: its classes as an archive, which a first run leaves behind.
 * Without one it only starts more slowly, so that whatever goes wrong here is no fault.
 *
 * @param {string} lib the directory of Kafka's libraries
 * @param {(options: readonly string[]) => Promise<void>} firstRun starts Kafka with these options and ends it properly
 * @returns {Promise<readonly string[]>}
 */
export async function archiveOptions(lib, firstRun) {
  const base = join(lib, `classes-${javaVersion()}`);
  const archive = `${base}.jsa`;
  const none = `${base}.none`;
  if (!existsSync(archive) && !existsSync(none)) {
    const lock = { file: `${base}.lock`, holder: 'the first run of Kafka' };
    await withLock(async () => {
      if (!existsSync(archive) && !existsSync(none)) await make(archive, none, firstRun);
    }, lock);
  }
  return existsSync(archive) ? [`-XX:SharedArchiveFile=${archive}`] : [];
}

async function make(archive, none, firstRun) {
  say('Running Kafka for the first time, so that it starts faster from now on ...');
  const draft = `${archive}.${randomUUID()}`;
  try {
    await firstRun([`-XX:ArchiveClassesAtExit=${draft}`]);
    renameSync(draft, archive);
  } catch (error) {
    if (error.exitCode === BROKEN_OFF) throw error;
    say(`Kafka will start a little slower: ${error.message}`);
    writeFileSync(none, `${error.message}\n`);
  } finally {
    rmSync(draft, { force: true });
  }
}

/** An archive serves the very Java that made it. */
function javaVersion() {
  const { stderr } = spawnSync(javaProgram(), ['-version'], { encoding: 'utf8' });
  return createHash('sha256').update(`${process.arch}\n${stderr}`).digest('hex').slice(0, 12);
}
