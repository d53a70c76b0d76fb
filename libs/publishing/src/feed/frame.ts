import type { Cursor } from './cursor';
import { ALL, formatCursor } from './cursor';
import type { Told } from './feed-filter';

/** A message as it goes over the wire, made once for all readers. */
export interface Frame {
  readonly cursor: Cursor;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  /** Who wants one of these gets it. */
  readonly tells: readonly Told[];
  /** As a server-sent event. */
  readonly sse: Buffer;
  /** As a line of NDJSON: a part of the same bytes. */
  readonly line: Buffer;
}

/** What a frame is made of; `event` a CloudEvent. */
export interface FrameParts {
  readonly position: bigint;
  readonly index: number;
  /** No more messages of this position follow. */
  readonly isLast: boolean;
  readonly tells: readonly Told[];
  readonly event: { readonly type: string; readonly recordedtime: string };
}

/** Renders a message. */
export function frameOf({ position, index, isLast, tells, event }: FrameParts): Frame {
  const cursor = { position, index: isLast ? ALL : index };
  const head = `id: ${formatCursor(cursor)}\nevent: ${event.type}\ndata: `;
  // JSON has no line breaks outside its strings, and escapes those inside.
  const sse = Buffer.from(`${head}${JSON.stringify(event)}\n\n`);
  const line = sse.subarray(Buffer.byteLength(head), sse.length - 1);
  return { cursor, recordedAt: Date.parse(event.recordedtime), tells, sse, line };
}

/** Some frames in order, and how far was looked to find them. */
export interface Batch {
  readonly frames: readonly Frame[];
  readonly upTo: Cursor;
  /** All frames in one piece; made once. */
  readonly sse: () => Buffer;
}

/** How much to take at a time. */
export interface Most {
  readonly frames: number;
  readonly bytes: number;
}

/** A batch of these frames. */
export function batchOf(frames: readonly Frame[], upTo: Cursor): Batch {
  let whole: Buffer | undefined;
  return {
    frames,
    upTo,
    sse: () => (whole ??= joined(frames)),
  };
}

function joined(frames: readonly Frame[]): Buffer {
  const [first] = frames;
  return first && frames.length === 1 ? first.sse : Buffer.concat(frames.map(({ sse }) => sse));
}
