import type { RecordedEvent } from '@guanxi/kernel';
import type { Halt } from '../parked-keys';
import type { FoldedPart } from './part-fold';
import type { SpillMark } from './spill';

/** What a thread folds. */
export interface ThreadWork {
  readonly model: string;
  readonly generation: string;
  /** Names of skipped events. */
  readonly skipped: readonly string[];
  readonly directory: string;
  readonly mark: SpillMark;
}

/** An error in words, which are all that is asked of it. */
interface Told {
  readonly message: string;
  readonly stack: string | undefined;
}

/** What went wrong, in a form that can be sent. */
export const told = (error: unknown): Told =>
  error instanceof Error
    ? { message: error.message, stack: error.stack }
    : { message: String(error), stack: undefined };

const errorOf = (failed: Told): Error => Object.assign(new Error(failed.message), { stack: failed.stack });

/** What travels between a rebuild and its threads is made and read here alone. */
interface Answer {
  readonly part?: FoldedPart;
  readonly failed?: Told;
}

/** What a thread was started for. */
export const workOf = (data: unknown): ThreadWork => data as ThreadWork;

/** The message of a message event. */
export const messageIn = (arguments_: unknown): unknown => (arguments_ as readonly unknown[])[0];

/** The part that a thread is asked to fold. */
export const partOf = (order: unknown): number => order as number;

/** A folded part as a message: its rows go over as they are, without a copy. */
export function orderOf(folded: FoldedPart | undefined): {
  readonly message: Answer;
  readonly transfer: readonly ArrayBuffer[];
} {
  if (!folded) return { message: {}, transfer: [] };
  const halts = new Map([...folded.halts].map(([key, halt]) => [key, plainHalt(halt)]));
  const transfer = folded.tables.map(({ bytes }) => bytes.buffer as ArrayBuffer);
  return { message: { part: { ...folded, halts } }, transfer };
}

/** A thread's answer. @throws what went wrong in it */
export function answerOf(message: unknown): FoldedPart | undefined {
  const { part, failed } = message as Answer;
  if (failed) throw errorOf(failed);
  if (!part) return undefined;
  const tables = part.tables.map(({ table, names, bytes }) => ({
    ...{ table, names },
    bytes: Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength),
  }));
  const halts = new Map(
    [...part.halts].map(([key, halt]) => [key, { ...halt, error: errorOf(halt.error as Told) }]),
  );
  return { ...part, tables, halts };
}

/** What is noted of a halt; the event's data stays where it is. */
function plainHalt({ event, error, waiting }: Halt): Halt {
  const { id, type, stream, revision, position, occurredAt, recordedAt } = event;
  const noted = { id, type, stream, revision, position, occurredAt, recordedAt, data: {} } as RecordedEvent;
  return { event: noted, error: told(error), waiting };
}
