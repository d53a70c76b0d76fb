import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import type { EventRegistry, EventStore, RawEvents } from '@guanxi/event-store';
import type { Pool } from 'pg';
import type { AnyReadModel } from '../read-model';
import { shardOf } from '../shards';
import type { SkippedEvents } from '../skipped-events';
import { skippedEvents } from '../skipped-events';
import { ThreadFolder } from './fold-thread';
import { foldParts } from './folding';
import { Placing } from './part-events';
import { OwnFolder } from './part-folder';
import type { PartFolder } from './part-folder';
import { RawStore } from './raw-store';
import { RowCutter, placeOfRow } from './raw-event-codec';
import { beginRebuild } from './rebuild-begin';
import type { RebuildEntry, RebuildState } from './rebuild-books';
import { noteState, parkedIn, partsDone } from './rebuild-books';
import { cancelOpen } from './rebuild-control';
import { alreadyRunning, explained, messageOf, modelOf } from './rebuild-errors';
import { caughtUp, handOver } from './rebuild-follow';
import { lockRebuild } from './rebuild-lock';
import type { RebuildProgress } from './rebuild-progress';
import { completeTables } from './completing';
import { RebuildWatch } from './rebuild-watch';
import { Spill } from './spill';

/** What a rebuild works with. */
export interface RebuildParts {
  /** At least four connections, of which three are held all the time. */
  readonly pool: Pool;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly models: readonly AnyReadModel[];
  /** The log in bulk; where left out, the store is read event by event. */
  readonly raw?: RawEvents;
  /** Where a rebuild puts what it has read, in a directory of its own. */
  readonly spillDirectory: string;
  /** A file that calls `serveFolds`: with it a long log is folded in threads. */
  readonly thread?: string;
  /** How many; where left out as many as there are processors to spare, and none for a short log. */
  readonly threads?: number;
  /** About how many events are folded in one go, and in memory for it: 16,384. */
  readonly partEvents?: number;
}

/** How a rebuild is watched and ended. */
export interface RebuildWatching {
  /** Pauses the rebuild; what is done is kept. */
  readonly signal?: AbortSignal;
  readonly onProgress?: (progress: RebuildProgress) => void;
  /** Gets what an operator should know, in words. */
  readonly onNotice?: (notice: string) => void;
}

/** What became of a rebuild. */
export interface RebuildOutcome {
  readonly generation: string;
  readonly state: Extract<RebuildState, 'done' | 'paused' | 'cancelled'>;
  readonly upTo: string;
  /** Events folded by this run. */
  readonly events: number;
  readonly seconds: number;
  /** Keys that could not be folded and are parked. */
  readonly parked: number;
}

/** After so many rows it is noted how far the reader is. */
const LOOK_EVERY = 1_000;
/** A thread has to load the code of all contexts, which takes as long as to fold so many events. */
const LEAST_FOR_THREADS = 200_000n;
const MOST_THREADS = 4;

/**
 * Processors that neither this process nor the database needs. On two there are none: threads took a third more of
 * their time there, and three times the memory, than folding while the database writes.
 */
function spareProcessors(): number {
  const spare = availableParallelism() - 2;
  return spare < 2 ? 0 : Math.min(spare, MOST_THREADS);
}

const sumOf = (done: ReadonlyMap<number, number>): number =>
  [...done.values()].reduce((sum, events) => sum + events, 0);
const EVERY_EVENT_TYPE = 'of-every-type';

/**
 * Builds a read model anew, beside the one that serves: reads the log once up to where it ends now and spills it by key,
 * folds each key's whole history, and lets the workers follow from there. Ended in any way, it goes on where it was when
 * it is called again.
 *
 * @throws DomainError `projection.unknown`, `rebuild.running`, `rebuild.disk-full`, `rebuild.spill-full`,
 * `rebuild.spill-refused`, `rebuild.database-gone`
 */
export async function rebuild(
  parts: RebuildParts,
  modelName: string,
  watching: RebuildWatching = {},
): Promise<RebuildOutcome> {
  const model = modelOf(parts.models, modelName);
  try {
    const lock = await lockRebuild(parts.pool, modelName);
    if (!lock) throw alreadyRunning(modelName);
    try {
      return await run(parts, model, watching, lock.lost);
    } finally {
      await lock.release();
    }
  } catch (error) {
    throw explained(error, modelName, parts.spillDirectory);
  }
}

async function run(
  parts: RebuildParts,
  model: AnyReadModel,
  watching: RebuildWatching,
  lost: AbortSignal,
): Promise<RebuildOutcome> {
  const began = performance.now();
  const { position } = await parts.store.head();
  const { entry, resumed, notices } = await beginRebuild(parts.pool, model, position, parts.partEvents);
  const { generation, upTo } = entry;
  for (const notice of notices) watching.onNotice?.(notice);
  watching.onNotice?.(
    `${resumed ? 'going on with' : 'building'} ${generation} up to position ${upTo}, ${entry.parts} parts`,
  );
  const work = new Work(parts, model, entry, watching, lost);
  const outcome = (state: RebuildOutcome['state'], parked: number): RebuildOutcome => {
    const seconds = (performance.now() - began) / 1_000;
    return { generation, state, upTo, events: work.folded, seconds, parked };
  };
  try {
    await work.do();
    await noteState(parts.pool, generation, 'done');
    return outcome('done', await parkedIn(parts.pool, generation));
  } catch (error) {
    const ended = work.watch.ended;
    if (ended === 'cancel') {
      await cancelOpen(parts, model.name);
      return outcome('cancelled', 0);
    }
    if (ended === 'pause') {
      await noteState(parts.pool, generation, 'paused');
      return outcome('paused', await parkedIn(parts.pool, generation));
    }
    const cause = explained(work.watch.failure ?? error, model.name, parts.spillDirectory);
    await noteState(parts.pool, generation, 'failed', messageOf(cause)).catch(() => undefined);
    throw cause;
  } finally {
    await work.watch.stop();
  }
}

/** One run of a rebuild. */
class Work {
  readonly watch: RebuildWatch;
  folded = 0;
  private readonly spill: Spill;

  constructor(
    private readonly parts: RebuildParts,
    private readonly model: AnyReadModel,
    private readonly entry: RebuildEntry,
    private readonly watching: RebuildWatching,
    lost: AbortSignal,
  ) {
    const { generation, upTo, parts: count } = entry;
    this.watch = new RebuildWatch(parts, entry, watching, lost);
    this.spill = new Spill(join(parts.spillDirectory, generation), { generation, upTo, parts: count });
  }

  async do(): Promise<void> {
    const { generation, phase, upTo } = this.entry;
    const { pool, store, registry } = this.parts;
    if (phase !== 'following') {
      const skipped = await skippedEvents(store, [this.model]);
      const placing = new Placing(this.model, registry, skipped);
      const done = await partsDone(pool, generation);
      if (done.size < this.entry.parts) {
        const folders = this.folders(skipped);
        try {
          await this.fold(folders, placing, done, await this.read(placing, done));
        } finally {
          for (const folder of folders) await folder.close();
        }
      }
      this.spill.remove();
      await this.complete();
      await handOver(pool, generation, upTo);
    }
    await this.follow();
  }

  /** Reads the log into the spill, unless that was done before. @returns how many events there are in all parts */
  private async read(placing: Placing, done: ReadonlyMap<number, number>): Promise<number> {
    const whole = this.spill.whole();
    if (whole) return whole.events;
    const { meter, signal } = this.watch;
    const upTo = BigInt(this.entry.upTo);
    meter.begin('reading', 0, Number(upTo));
    const raw = this.parts.raw ?? new RawStore(this.parts.store);
    const types =
      this.model.manyStreams === EVERY_EVENT_TYPE
        ? undefined
        : this.parts.registry.storedTypes(this.model.types);
    const writer = this.spill.write();
    const cutter = new RowCutter();
    let events = sumOf(done);
    try {
      for await (const chunk of raw.copy({ after: 0n, upTo, types })) {
        signal.throwIfAborted();
        cutter.take(chunk, (bytes, start, end) => {
          if (meter.events++ % LOOK_EVERY === 0) meter.done = placeOfRow(bytes, start);
          const key = placing.keyOfRow(bytes, start);
          if (key === undefined) return;
          const part = shardOf(key, this.entry.parts);
          if (done.has(part)) return;
          writer.add(part, bytes, start, end);
          events += 1;
        });
      }
      writer.end();
    } finally {
      writer.close();
    }
    this.spill.complete(events);
    return events;
  }

  private async fold(
    folders: readonly PartFolder[],
    placing: Placing,
    done: ReadonlyMap<number, number>,
    total: number,
  ): Promise<void> {
    const { meter, signal } = this.watch;
    meter.begin('folding', sumOf(done), total);
    const all = Array.from({ length: this.entry.parts }, (_, part) => part);
    await foldParts(folders, {
      ...{ pool: this.parts.pool, model: this.model, generation: this.entry.generation, signal },
      parts: all.filter((part) => !done.has(part)),
      read: async (part) => placing.read(await this.spill.read(part)),
      onPart: (events) => {
        this.folded += events;
        meter.events += events;
        meter.done += events;
      },
      onNotice: (notice) => this.watching.onNotice?.(notice),
    });
  }

  /** Threads that fold, where they pay; else this one. */
  private folders(skipped: SkippedEvents): readonly PartFolder[] {
    const { generation, upTo } = this.entry;
    const { thread, threads = BigInt(upTo) < LEAST_FOR_THREADS ? 0 : spareProcessors() } = this.parts;
    if (thread === undefined || threads === 0)
      return [new OwnFolder(this.model, this.parts.registry, skipped, generation, this.spill)];
    const work = { ...this.spill.place, model: this.model.name, generation, skipped: skipped.names };
    return Array.from({ length: threads }, () => new ThreadFolder(thread, work));
  }

  /** Makes keys and indexes, which is several times as fast as keeping them while rows come in. */
  private async complete(): Promise<void> {
    const { pool } = this.parts;
    const { meter, signal } = this.watch;
    await completeTables(pool, this.model, this.entry.generation, {
      signal,
      onBegin: (statements) => {
        meter.begin('indexing', 0, statements);
      },
      onStatement: () => {
        meter.done += 1;
      },
    });
  }

  private async follow(): Promise<void> {
    const { meter, signal } = this.watch;
    const { pool, store } = this.parts;
    const { generation, upTo } = this.entry;
    let told = false;
    await caughtUp(pool, store, generation, signal, ({ position, head, isHeld }) => {
      if (meter.phase !== 'following') meter.begin('following', 0, Number(head - BigInt(upTo)));
      meter.done = Number(position - BigInt(upTo));
      meter.events = meter.done;
      this.watch.lag = Number(head - position);
      if (told || isHeld || position >= head) return;
      told = true;
      this.watching.onNotice?.(
        `waiting for workers to follow ${generation}: a server with this version of the code must run (npm start)`,
      );
    });
  }
}
