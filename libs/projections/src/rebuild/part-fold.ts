import { setImmediate as breathe } from 'node:timers/promises';
import type { RecordedEvent } from '@guanxi/kernel';
import { UnstorableValue } from '@guanxi/pg-arrays';
import { foldKey } from '../key-fold';
import type { Halt } from '../parked-keys';
import type { AnyReadModel } from '../read-model';
import type { PartEvents } from './part-events';
import type { TableRows } from './part-rows';
import { PartRows } from './part-rows';

/** A part's rows, ready to be written. */
export interface FoldedPart {
  readonly tables: readonly TableRows[];
  /** Keys that came to a halt; their rows are those from before. */
  readonly halts: ReadonlyMap<string, Halt>;
  readonly events: number;
}

/** For so long a fold keeps everything else of this process waiting. */
const SLICE_MILLISECONDS = 4;
const LOOK_EVERY = 16;

/**
 * Folds each key of a part from its first event on.
 * @param like rows of the part before
 * @returns undefined when a row holds what has no place in its column: then it must be found key by key
 */
export async function foldPart(
  model: AnyReadModel,
  generation: string,
  { byKey, notes, events }: PartEvents,
  like?: PartRows,
): Promise<{ readonly part: FoldedPart; readonly rows: PartRows } | undefined> {
  const rows = new PartRows(model, like);
  const halts = new Map<string, Halt>();
  let folded = 0;
  let since = performance.now();
  try {
    for (const [key, own] of byKey) {
      const { versions, halt } = foldKey(model, key, own);
      if (halt) halts.set(key, halt);
      rows.add(key, versions);
      // Its events are done with. (To take keys out of a map has it made anew again and again.)
      own.length = 0;
      folded += 1;
      if (folded % LOOK_EVERY === 0 && performance.now() - since > SLICE_MILLISECONDS) {
        await breathe();
        since = performance.now();
      }
    }
  } catch (error) {
    if (error instanceof UnstorableValue) return undefined;
    throw error;
  }
  addNotes(rows, notes);
  return { part: { tables: rows.tables(generation), halts, events }, rows };
}

/** Adds which streams speak about which keys. */
export function addNotes(rows: PartRows, notes: PartEvents['notes']): void {
  for (const [key, streams] of notes)
    for (const [stream, position] of streams) rows.note(key, stream, position);
}

/** Rows of some keys, each folded as far as that goes. @throws UnstorableValue */
export function rowsOf(
  model: AnyReadModel,
  generation: string,
  keys: readonly (readonly [string, readonly RecordedEvent[]])[],
): Omit<FoldedPart, 'events'> {
  const rows = new PartRows(model);
  const halts = new Map<string, Halt>();
  for (const [key, own] of keys) {
    const { versions, halt } = foldKey(model, key, own);
    if (halt) halts.set(key, halt);
    rows.add(key, versions);
  }
  return { tables: rows.tables(generation), halts };
}
