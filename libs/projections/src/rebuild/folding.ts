import type { Pool } from 'pg';
import type { AnyReadModel } from '../read-model';
import type { PartEvents } from './part-events';
import type { FoldedPart } from './part-fold';
import type { PartFolder } from './part-folder';
import { PartWriter } from './part-writer';

/** What folding needs to know of a rebuild. */
export interface FoldingWork {
  readonly pool: Pool;
  readonly model: AnyReadModel;
  readonly generation: string;
  /** Parts that are to be folded. */
  readonly parts: readonly number[];
  readonly signal: AbortSignal;
  /** Reads a part once more. */
  readonly read: (part: number) => Promise<PartEvents>;
  /** Called when a part is written. */
  readonly onPart: (events: number) => void;
  readonly onNotice: (notice: string) => void;
}

/** Folds and writes all parts; each folder folds its next part while the one before is written. */
export async function foldParts(folders: readonly PartFolder[], work: FoldingWork): Promise<void> {
  const waiting = [...work.parts];
  const stop = new AbortController();
  const signal = AbortSignal.any([work.signal, stop.signal]);
  const runs = folders.map((folder) =>
    foldSome(folder, waiting, { ...work, signal }).catch((error: unknown) => {
      stop.abort(error);
      throw error;
    }),
  );
  const ended = await Promise.allSettled(runs);
  work.signal.throwIfAborted();
  stop.signal.throwIfAborted();
  for (const run of ended) if (run.status === 'rejected') throw run.reason;
}

async function foldSome(folder: PartFolder, waiting: number[], work: FoldingWork): Promise<void> {
  const writer = new PartWriter(work.pool, work.model, work.generation);
  let writing = Promise.resolve();
  try {
    for (let part = waiting.shift(); part !== undefined; part = waiting.shift()) {
      work.signal.throwIfAborted();
      const folded = await folder.fold(part);
      await writing;
      writing = write(writer, part, folded, work);
      // It is waited for when the next part is folded; until then nobody hears of it.
      writing.catch(() => undefined);
    }
  } finally {
    await writing;
  }
}

async function write(
  writer: PartWriter,
  part: number,
  folded: FoldedPart | undefined,
  work: FoldingWork,
): Promise<void> {
  if (folded && (await writer.write(part, folded))) {
    work.onPart(folded.events);
    return;
  }
  work.onNotice(`part ${part} holds a row that has no place in its table: its keys are written one by one`);
  const found = await work.read(part);
  await writer.writeCarefully(part, found);
  work.onPart(found.events);
}
