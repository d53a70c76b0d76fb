/** Stands behind all messages of a position. */
export const ALL = Number.MAX_SAFE_INTEGER;

/**
 * A place in the feed: everything up to it has been told. A stored event may be told in several messages; `index` is the
 * last of them that was, from 0, or `ALL`.
 */
export interface Cursor {
  readonly position: bigint;
  readonly index: number;
}

/** Before the first event. */
export const BEGINNING: Cursor = { position: 0n, index: ALL };

/** Behind all messages of a position. */
export const behind = (position: bigint): Cursor => ({ position, index: ALL });

const CURSOR = /^(0|[1-9]\d{0,18})(?:[.](0|[1-9]\d{0,3}))?$/;
const LAST_POSITION = 9_223_372_036_854_775_807n;

/** The place that a text names, as `formatCursor` writes it; undefined for one that names none. */
export function parseCursor(text: string): Cursor | undefined {
  const [, position, index] = CURSOR.exec(text) ?? [];
  if (position === undefined) return undefined;
  const number = BigInt(position);
  if (number > LAST_POSITION) return undefined;
  return { position: number, index: index === undefined ? ALL : Number(index) };
}

/** `17`, or `17.0` where more messages of position 17 follow. */
export const formatCursor = ({ position, index }: Cursor): string =>
  index === ALL ? String(position) : `${position}.${index}`;

/** Negative where `a` lies before `b`, 0 where they are one place. */
export function compareCursors(a: Cursor, b: Cursor): number {
  if (a.position !== b.position) return a.position < b.position ? -1 : 1;
  return a.index - b.index;
}

/** The one further on. */
export const later = (a: Cursor, b: Cursor): Cursor => (compareCursors(a, b) < 0 ? b : a);
