import { setTimeout as pause } from 'node:timers/promises';
import type { Prepared, PreparedPart, Revisions } from './appending';
import type { LogReader } from './log-reader';

/** A server gives up a write that is not committed after 2 s: what is not there by then will not come. */
const COMMIT_MILLISECONDS = 3_000;
const LOOK_AGAIN_MILLISECONDS = 200;

/** Events behind which those of a lost append are searched for in a stream. */
const SEARCHED = 2_000;

/**
 * An append whose writes expect `new` or a revision, if all of its events lie where it would have put them.
 * Its ids say so, whoever wrote it and whenever.
 */
export async function findInPlace(reader: LogReader, { parts }: Prepared): Promise<Revisions | undefined> {
  const revisions = new Map<string, number>();
  for (const { stream, expected, records } of parts) {
    const from = typeof expected === 'number' ? expected + 1 : 0;
    const stored = await reader.stream(stream, { from, limit: records.length });
    if (!records.every(({ id }, index) => stored[index]?.id === id.toLowerCase())) return undefined;
    revisions.set(stream, from + records.length - 1);
  }
  return revisions;
}

/**
 * An append that may have been put anywhere, searched for by its ids in the last events of its streams, for as long as
 * the server may still be writing it. Not to find it proves nothing.
 */
export async function findByIds(reader: LogReader, { parts }: Prepared): Promise<Revisions | undefined> {
  const end = performance.now() + COMMIT_MILLISECONDS;
  for (;;) {
    const revisions = new Map<string, number>();
    for (const part of parts) {
      const revision = await lastRevision(reader, part);
      if (revision !== undefined) revisions.set(part.stream, revision);
    }
    if (revisions.size === parts.length) return revisions;
    if (performance.now() > end) return undefined;
    await pause(LOOK_AGAIN_MILLISECONDS);
  }
}

async function lastRevision(
  reader: LogReader,
  { stream, records }: PreparedPart,
): Promise<number | undefined> {
  const id = records.at(-1)?.id.toLowerCase();
  const stored = await reader.stream(stream, { backwards: true, limit: SEARCHED + records.length });
  return stored.find((record) => record.id === id)?.revision;
}
