import type { EventStore } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';
import { Value } from '@sinclair/typebox/value';
import type { AnyReadModel } from './read-model';

const skipSchema = Type.Object(
  {
    model: Type.String({ minLength: 1 }),
    key: Type.String({ minLength: 1 }),
    event: Type.Object(
      {
        id: Type.String({ minLength: 1 }),
        type: Type.String(),
        stream: Type.String(),
        revision: Type.Integer({ minimum: 0 }),
        position: Type.String({ pattern: '^\\d+$' }),
      },
      { additionalProperties: false },
    ),
    reason: Type.String({ minLength: 1 }),
    actor: Type.String({ minLength: 1 }),
  },
  { additionalProperties: false },
);

/** What a skip says: which event a read model leaves out of a key's rows, why, and who decided it. */
export type Skip = Static<typeof skipSchema>;

/** That an event which a read model cannot fold is left out of a key's rows, in every generation and for ever. */
export const deadLetterSkipped = event('dead-letter-skipped.v1', skipSchema);

/** The stream with a read model's skips. */
export const skipStreamOf = (model: string): string => `projection-skips-${model}`;

/**
 * Which events read models leave out of which keys. Every fold of a key leaves them out: of the follower, of a rebuild,
 * of a replay. They are known by their ids, so that they stay the same where a log is moved and positions change.
 */
export class SkippedEvents {
  private readonly left: Set<string>;

  /** @param names what another one's `names` were */
  constructor(names: Iterable<string> = []) {
    this.left = new Set(names);
  }

  /** What is left out, in a form that can be handed on. */
  get names(): readonly string[] {
    return [...this.left];
  }

  /** Reads the skips of some read models. */
  async load(
    store: Pick<EventStore, 'readStream'>,
    models: readonly Pick<AnyReadModel, 'name'>[],
  ): Promise<void> {
    const streams = new Set(models.map(({ name }) => skipStreamOf(name)));
    for (const skips of await Promise.all([...streams].map((stream) => store.readStream(stream)))) {
      for (const skip of skips) this.note(skip);
    }
  }

  /** Notes what an event says about skipping, if it does. @returns the skip */
  note({ type, data }: Pick<RecordedEvent, 'type' | 'data'>): Skip | undefined {
    if (type !== deadLetterSkipped.type || !Value.Check(skipSchema, data)) return undefined;
    this.left.add(nameOf(data.model, data.key, data.event.id));
    return data;
  }

  has(model: string, key: string, event: Pick<RecordedEvent, 'id'>): boolean {
    return this.left.size > 0 && this.left.has(nameOf(model, key, event.id));
  }

  /** The events of a key without those that are left out. */
  without(model: string, key: string, events: readonly RecordedEvent[]): readonly RecordedEvent[] {
    return this.left.size === 0 ? events : events.filter((each) => !this.has(model, key, each));
  }
}

const nameOf = (model: string, key: string, id: string): string => `${model} ${key} ${id}`;

/**
 * Reads from the log which events some read models leave out. Who folds up to a position reads it after that position
 * was decided: a skip behind it comes to the follower as an event, which folds the key anew.
 */
export async function skippedEvents(
  store: Pick<EventStore, 'readStream'>,
  models: readonly Pick<AnyReadModel, 'name'>[],
): Promise<SkippedEvents> {
  const skipped = new SkippedEvents();
  await skipped.load(store, models);
  return skipped;
}
