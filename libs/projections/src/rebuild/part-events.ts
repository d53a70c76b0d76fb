import { setImmediate as breathe } from 'node:timers/promises';
import type { EventRegistry } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { isUuid } from '@guanxi/kernel';
import type { PlacedEvent } from '../placing';
import { placed, readable } from '../placing';
import type { AnyReadModel } from '../read-model';
import type { SkippedEvents } from '../skipped-events';
import { RawEvent, endOfRow, plainEvent } from './raw-event-codec';

/** After so many rows everything else of this process has its turn. */
const BREATHE_EVERY = 4_096;

/** What a part holds, by key. */
export interface PartEvents {
  /** Events to be folded, each key's in position order. */
  readonly byKey: Map<string, RecordedEvent[]>;
  /** Since which position which streams speak about which keys; empty for models that do not ask. */
  readonly notes: ReadonlyMap<string, ReadonlyMap<string, bigint>>;
  readonly events: number;
}

/** Places raw rows as the live path places events. */
export class Placing {
  private readonly types: ReadonlySet<string>;

  constructor(
    private readonly model: AnyReadModel,
    private readonly registry: EventRegistry,
    private readonly skipped: SkippedEvents,
  ) {
    this.types = new Set(model.types);
  }

  /**
   * The event of a row in its newest version with its key; undefined when it says nothing about any.
   * @param known keys that were met before
   */
  place(
    bytes: Buffer,
    start: number,
    known?: { readonly has: (key: string) => boolean },
  ): PlacedEvent | undefined {
    const raw = new RawEvent(bytes, start);
    if (this.registry.contract(raw.type)?.upcast) {
      return placed(this.model, readable(this.registry, plainEvent(raw)));
    }
    const key = this.keyOf(raw);
    if (key === undefined) return undefined;
    return known?.has(key) === true || isUuid(key)
      ? { key, event: raw }
      : placed(this.model, plainEvent(raw));
  }

  /** The key of a row; undefined when it says nothing about any. */
  keyOfRow(bytes: Buffer, start: number): string | undefined {
    return this.place(bytes, start)?.key;
  }

  /** All events of a part. */
  async read(bytes: Buffer): Promise<PartEvents> {
    const byKey = new Map<string, RecordedEvent[]>();
    const notes = new Map<string, Map<string, bigint>>();
    let events = 0;
    for (let start = 0; start < bytes.length; events += 1) {
      const end = endOfRow(bytes, start);
      if (end === undefined) throw new Error('a spilled row is cut off');
      if (events % BREATHE_EVERY === 0) await breathe();
      const found = this.place(bytes, start, byKey);
      start = end;
      if (!found) continue;
      if (this.model.manyStreams) note(notes, found);
      if (!this.types.has(found.event.type)) continue;
      if (this.skipped.has(this.model.name, found.key, found.event)) continue;
      const own = byKey.get(found.key);
      if (own) own.push(found.event);
      else byKey.set(found.key, [found.event]);
    }
    for (const own of byKey.values()) inPositionOrder(own);
    return { byKey, notes, events };
  }

  private keyOf(raw: RawEvent): string | undefined {
    try {
      return this.model.keyOf(raw);
    } catch {
      return '';
    }
  }
}

function note(notes: Map<string, Map<string, bigint>>, { key, event }: PlacedEvent): void {
  const { stream, position } = event;
  const own = notes.get(key) ?? new Map<string, bigint>();
  notes.set(key, own);
  const since = own.get(stream);
  if (since === undefined || position < since) own.set(stream, position);
}

/** Rows come as the table holds them, which is nearly always in order. */
function inPositionOrder(events: RecordedEvent[]): void {
  const inOrder = events.every((event, at) => at === 0 || (events[at - 1]?.position ?? 0n) < event.position);
  if (!inOrder) events.sort((a, b) => (a.position < b.position ? -1 : 1));
}
