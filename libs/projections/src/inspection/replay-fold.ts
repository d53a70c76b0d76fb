import { DomainError } from '@guanxi/kernel';
import type { RecordedEvent } from '@guanxi/kernel';
import { inTransaction } from '../generations';
import type { Placed } from '../moment';
import { placed, readable } from '../placing';
import { tablesOf } from '../read-model';
import type { SkippedEvents } from '../skipped-events';
import { skippedEvents } from '../skipped-events';
import { KeyVersions } from '../versions';
import type { DiffParts } from './diff';
import type { ReplayOptions } from './replay-options';
import { writeKeys } from './scratch-writer';

/** A key whose events cannot be folded. */
export interface Unfoldable {
  readonly key: string;
  readonly error: string;
}

/** What was folded. */
export interface Folded {
  readonly events: number;
  readonly keys: number;
  /** The first of them. */
  readonly unfoldable: readonly Unfoldable[];
}

/** Where a replay reads and writes. */
export interface ReplayWork {
  readonly scratch: Placed;
  readonly serving: string;
  /** Table with the streams that speak about each key. */
  readonly sources: string;
  /** The last position that counts. */
  readonly position: bigint;
}

const PAGE_SIZE = 5_000;
/** Keys that are folded in one go. */
const SLICE = 500;
const UNFOLDABLE_SHOWN = 20;

type Options = Pick<ReplayOptions, 'keys' | 'signal' | 'onProgress'>;

/** Folds keys into scratch tables: first it is noted which streams speak about which keys, then they go slice by slice. */
export async function foldInto(parts: DiffParts, work: ReplayWork, options: Options): Promise<Folded> {
  const events = await noteSources(parts, work, options);
  let last = '00000000-0000-0000-0000-000000000000';
  let keys = 0;
  let read = 0;
  const unfoldable: Unfoldable[] = [];
  const skips = await skippedEvents(parts.store, [work.scratch.model]);
  for (;;) {
    refuseInterrupted(options);
    const slice = await parts.pool.query<{ id: string; streams: string[] }>(
      `select id, array_agg(stream) as streams from ${work.sources} where id > $1 group by id order by id limit ${SLICE}`,
      [last],
    );
    if (slice.rows.length === 0) return { events: read, keys, unfoldable };
    const folded = await foldSlice(parts, work, skips, slice.rows);
    unfoldable.push(...folded.unfoldable.slice(0, UNFOLDABLE_SHOWN - unfoldable.length));
    keys += slice.rows.length;
    read += folded.events;
    last = slice.rows.at(-1)?.id ?? last;
    options.onProgress?.({ events, keys });
  }
}

function refuseInterrupted({ signal }: Options): void {
  if (!signal?.aborted) return;
  throw new DomainError(
    'replay.interrupted',
    'unavailable',
    'the replay was broken off; nothing of it is left',
  );
}

/** Notes which streams speak about which keys. @returns events that were looked at */
async function noteSources(parts: DiffParts, work: ReplayWork, options: Options): Promise<number> {
  const { scratch, position, sources } = work;
  const { keys } = options;
  if (keys && scratch.model.manyStreams) {
    await parts.pool.query(
      `insert into ${sources} select id, stream from ${tablesOf(work.serving).streams}
        where id = any($1::uuid[]) and noted_pos <= $2`,
      [keys, String(position)],
    );
    return 0;
  }
  const wanted = keys ? new Set(keys) : undefined;
  let looked = 0;
  const pages = parts.store.readAll({
    after: 0n,
    pageSize: PAGE_SIZE,
    filter: { types: scratch.model.types },
  });
  for await (const page of pages) {
    refuseInterrupted(options);
    const events = page.filter((event) => event.position <= position);
    const pairs = new Map<string, readonly [string, string]>();
    for (const event of events) {
      const key = placed(scratch.model, readable(parts.registry, event))?.key;
      if (key === undefined || (wanted && !wanted.has(key))) continue;
      pairs.set(`${key} ${event.stream}`, [key, event.stream]);
    }
    const noted = [...pairs.values()];
    await parts.pool.query(
      `insert into ${sources} select * from unnest($1::uuid[], $2::text[]) on conflict do nothing`,
      [noted.map(([key]) => key), noted.map(([, stream]) => stream)],
    );
    looked += events.length;
    options.onProgress?.({ events: looked, keys: 0 });
    if (events.length < page.length) break;
  }
  return looked;
}

async function foldSlice(
  parts: DiffParts,
  { scratch, position }: ReplayWork,
  skips: SkippedEvents,
  slice: readonly { readonly id: string; readonly streams: readonly string[] }[],
): Promise<{ readonly events: number; readonly unfoldable: readonly Unfoldable[] }> {
  const streams = new Set(slice.flatMap((key) => key.streams));
  const ids = new Set(slice.map(({ id }) => id));
  const byKey = new Map<string, RecordedEvent[]>();
  let count = 0;
  for (const event of await parts.store.readStreams([...streams], scratch.model.types)) {
    if (event.position > position) continue;
    const found = placed(scratch.model, readable(parts.registry, event));
    if (!found || !ids.has(found.key) || skips.has(scratch.model.name, found.key, event)) continue;
    count += 1;
    const own = byKey.get(found.key);
    if (own) own.push(found.event);
    else byKey.set(found.key, [found.event]);
  }
  const versions = new Map<string, KeyVersions>();
  const unfoldable: Unfoldable[] = [];
  for (const [key, events] of byKey) {
    try {
      const folded = new KeyVersions(scratch.model, key);
      // All at once and in the order in which they were true: what follows is no result of the way they came.
      folded.correct(events);
      versions.set(key, folded);
    } catch (error) {
      unfoldable.push({ key, error: error instanceof Error ? error.message : String(error) });
    }
  }
  await inTransaction(parts.pool, (client) => writeKeys(client, scratch, versions));
  return { events: count, unfoldable };
}
