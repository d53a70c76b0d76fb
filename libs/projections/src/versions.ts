import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { redatingOf, timeline } from '@guanxi/kernel';
import type { AnyReadModel, InStream } from './read-model';
import { RowShape } from './row-shape';

/** A row with the period in which it was true and the positions between which it was held to be so. */
export interface Version {
  readonly row: object;
  readonly validFrom: Instant;
  /** Null while it is the row of now, or was when it was superseded. */
  readonly validTo: Instant | null;
  readonly openedPos: bigint;
  /** Position at which `validTo` was learned. */
  readonly closedPos: bigint | null;
  /** Position from which it is known to be wrong. */
  readonly supersededPos: bigint | null;
}

/** A movement with the moment at which it counts and the positions between which it was held to be right. */
export interface PlacedMovement {
  readonly movement: object;
  readonly effectiveAt: Instant;
  readonly knownPos: bigint;
  readonly supersededPos: bigint | null;
}

/** The newest version of a key, as the current table holds it. */
export interface CurrentVersion {
  readonly row: object;
  readonly validFrom: Instant;
  readonly openedPos: bigint;
  /** recordedAt of the event that opened it, where known: versions inside one append are never seen apart. */
  readonly openedAt?: Instant;
}

/**
 * What becomes of one key's rows while events arrive in position order. Fed from the first event on it is the
 * whole history; fed from the current row on it holds what is to be added, as long as events are in order.
 */
export class KeyVersions {
  readonly closed: Version[] = [];
  readonly movements: PlacedMovement[] = [];
  private readonly loaded: CurrentVersion | null;

  constructor(
    private readonly model: AnyReadModel,
    private readonly key: string,
    public current: CurrentVersion | null = null,
    /** The latest moment of which an event of this key spoke. */
    public lastAt: Instant | null = null,
  ) {
    this.loaded = current;
  }

  /** True when the row of now is another than the one that these versions began with. */
  get currentChanged(): boolean {
    return this.current !== this.loaded;
  }

  /** True when the row of now, if there is one, takes the place of one that is stored. */
  get hadRow(): boolean {
    return this.loaded !== null;
  }

  /** How many of the closed versions, from the first on, are the row that these versions began with: one or none. */
  get closedLoaded(): 0 | 1 {
    const { loaded } = this;
    const [first] = this.closed;
    return loaded && first?.row === loaded.row && first.validFrom === loaded.validFrom ? 1 : 0;
  }

  /** True when the event comes after all others on the time axis too; if not, the key's past must be folded anew. */
  isInOrder(event: RecordedEvent): boolean {
    return redatingOf(event.data) === undefined && (this.lastAt === null || event.occurredAt >= this.lastAt);
  }

  /**
   * True for a late event that changes nothing at its moment: since a fold goes on from the row alone, it changes
   * nothing later either, and the past need not be folded anew. Known only where the row of now already held then.
   */
  changesNothing(event: RecordedEvent): boolean {
    const { current } = this;
    const at = event.occurredAt;
    if (redatingOf(event.data) !== undefined || current === null || current.validFrom > at) return false;
    const told = happened(event, at);
    const after = evolve(this.model, this.key, current.row, told);
    return after === current.row && movementsOf(this.model, current.row, after, told).length === 0;
  }

  /** Applies an event that is in order. */
  append(event: RecordedEvent): void {
    const at = event.occurredAt;
    const before = this.current?.row ?? null;
    const told = happened(event, at);
    const after = evolve(this.model, this.key, before, told);
    for (const movement of movementsOf(this.model, before, after, told)) {
      this.movements.push({ movement, effectiveAt: at, knownPos: event.position, supersededPos: null });
    }
    this.lastAt = at;
    if (after === before) return;
    const { current } = this;
    if (current && !(current.validFrom === at && current.openedAt === event.recordedAt)) {
      this.closed.push({
        row: current.row,
        validFrom: current.validFrom,
        openedPos: current.openedPos,
        validTo: at,
        closedPos: event.position,
        supersededPos: null,
      });
    }
    if (after)
      this.current = { row: after, validFrom: at, openedPos: event.position, openedAt: event.recordedAt };
  }

  /** Takes over what is true once the last of `events` is known; versions that it proves wrong are superseded. */
  correct(events: readonly RecordedEvent[]): void {
    const position = events.at(-1)?.position ?? 0n;
    const fresh = foldTimeline(this.model, this.key, events);
    const currentAsVersion: Version[] = this.current
      ? [{ ...this.current, validTo: null, closedPos: null, supersededPos: null }]
      : [];
    const standing = [
      ...this.closed.filter(({ supersededPos }) => supersededPos === null),
      ...currentAsVersion,
    ];
    const superseded = this.closed.filter(({ supersededPos }) => supersededPos !== null);
    // No two of them begin at one moment.
    const wanted = new Map(fresh.versions.map((version) => [version.validFrom, version]));
    const { row: shape } = shapesOf(this.model);
    const kept: Version[] = [];
    for (const version of standing) {
      const found = wanted.get(version.validFrom);
      if (found?.validTo === version.validTo && shape.same(found.row, version.row)) {
        wanted.delete(version.validFrom);
        kept.push(version);
      } else superseded.push({ ...version, supersededPos: position });
    }
    const added = [...wanted.values()].map(({ row, validFrom, validTo }): Version => ({
      row,
      validFrom,
      validTo,
      openedPos: position,
      closedPos: validTo === null ? null : position,
      supersededPos: null,
    }));
    const all = [...kept, ...added];
    const newest = all.find(({ validTo }) => validTo === null);
    this.closed.splice(
      0,
      this.closed.length,
      ...superseded,
      ...all.filter(({ validTo }) => validTo !== null),
    );
    this.current = newest
      ? { row: newest.row, validFrom: newest.validFrom, openedPos: newest.openedPos }
      : null;
    this.lastAt = fresh.lastAt;
    this.correctMovements(fresh.movements, position);
  }

  private correctMovements(fresh: readonly { movement: object; at: Instant }[], position: bigint): void {
    const wanted = new Map<Instant, object[]>();
    for (const { movement, at } of fresh) {
      const same = wanted.get(at);
      if (same) same.push(movement);
      else wanted.set(at, [movement]);
    }
    const { movement: shape } = shapesOf(this.model);
    const corrected = this.movements.map((placed) => {
      if (placed.supersededPos !== null) return placed;
      const together = wanted.get(placed.effectiveAt) ?? [];
      const still = together.findIndex((movement) => shape.same(movement, placed.movement));
      if (still < 0) return { ...placed, supersededPos: position };
      together.splice(still, 1);
      return placed;
    });
    for (const [at, movements] of wanted)
      for (const movement of movements) {
        corrected.push({ movement, effectiveAt: at, knownPos: position, supersededPos: null });
      }
    this.movements.splice(0, this.movements.length, ...corrected);
  }
}

/**
 * All versions and movements of a key, from all of its events in position order. This function is the meaning of
 * the engine's tables: whatever way rows came into them, they are what it returns.
 */
export function versionsOf(model: AnyReadModel, key: string, events: readonly RecordedEvent[]): KeyVersions {
  const versions = new KeyVersions(model, key);
  events.forEach((_, index) => {
    takeNext(versions, events, index);
  });
  return versions;
}

/**
 * Takes in one event of a key's whole history; those before it were taken in already.
 * @throws what the model throws; the versions are as they were before then
 */
export function takeNext(versions: KeyVersions, events: readonly RecordedEvent[], index: number): void {
  const event = events[index];
  if (!event) return;
  if (versions.isInOrder(event)) versions.append(event);
  else if (!versions.changesNothing(event)) versions.correct(events.slice(0, index + 1));
}

interface FreshVersion {
  readonly row: object;
  readonly validFrom: Instant;
  readonly validTo: Instant | null;
}

/** Folds events in the order in which they were true; only what was true for some time is a version. */
export function foldTimeline(
  model: AnyReadModel,
  key: string,
  events: readonly RecordedEvent[],
): {
  versions: readonly FreshVersion[];
  movements: readonly { movement: object; at: Instant }[];
  lastAt: Instant | null;
} {
  const versions: FreshVersion[] = [];
  const movements: { movement: object; at: Instant }[] = [];
  const placed = timeline(events);
  const now: { open: { row: object; validFrom: Instant } | null } = { open: null };
  for (const { event, at } of placed) {
    if (redatingOf(event.data)) continue;
    const { open } = now;
    const before = open?.row ?? null;
    const told = happened(event, at);
    const after = evolve(model, key, before, told);
    for (const movement of movementsOf(model, before, after, told)) {
      movements.push({ movement, at });
    }
    if (after === before) continue;
    if (open && open.validFrom < at) versions.push({ ...open, validTo: at });
    if (after) now.open = { row: after, validFrom: at };
  }
  if (now.open) versions.push({ ...now.open, validTo: null });
  return { versions, movements, lastAt: placed.at(-1)?.at ?? null };
}

function movementsOf(
  model: AnyReadModel,
  before: object | null,
  after: object | null,
  told: InStream<EventLike>,
): readonly object[] {
  const movements: readonly object[] | undefined = model.movements?.of(before, after, told);
  return movements ?? [];
}

/** The row after an event; the very same object when nothing changed, so that no version is made of it. */
function evolve(
  model: AnyReadModel,
  key: string,
  before: object | null,
  told: InStream<EventLike>,
): object | null {
  // eslint-disable-next-line @typescript-eslint/no-unsafe-assignment -- rows are opaque to the engine
  const evolved: object | null | undefined = model.evolve(before, told, key);
  if (evolved === undefined) throw new Error(`${model.name} has no handler for events of type ${told.type}`);
  if (evolved === before || evolved === null) return before;
  return shapesOf(model).row.settled(before, evolved);
}

interface Shapes {
  readonly row: RowShape;
  readonly movement: RowShape;
}

const shapes = new WeakMap<AnyReadModel, Shapes>();

function shapesOf(model: AnyReadModel): Shapes {
  const known = shapes.get(model);
  if (known) return known;
  const made = { row: new RowShape(model.columns), movement: new RowShape(model.movements?.columns ?? {}) };
  shapes.set(model, made);
  return made;
}

/** Only what a model may look at: where an event lies in the log is no business of its fold. */
function happened({ type, data, revision, stream }: RecordedEvent, at: Instant): InStream<EventLike> {
  return { type, data, at, revision, stream };
}

interface EventLike {
  readonly type: string;
  readonly data: object;
}
