import type { EventRegistry } from '@guanxi/event-store';
import type { AnyReadModel } from '../read-model';
import type { SkippedEvents } from '../skipped-events';
import { Placing } from './part-events';
import type { FoldedPart } from './part-fold';
import { foldPart } from './part-fold';
import type { PartRows } from './part-rows';
import type { Spill } from './spill';

/** Folds one part after the other. */
export interface PartFolder {
  /** @returns undefined when a row holds what has no place in its column: then it must be found key by key */
  fold(part: number): Promise<FoldedPart | undefined>;
  close(): Promise<void>;
}

/** Folds in this very thread; whatever else there is to do has its turn in between. */
export class OwnFolder implements PartFolder {
  private readonly placing: Placing;
  private like: PartRows | undefined;

  constructor(
    private readonly model: AnyReadModel,
    registry: EventRegistry,
    skipped: SkippedEvents,
    private readonly generation: string,
    private readonly spill: Pick<Spill, 'read'>,
  ) {
    this.placing = new Placing(model, registry, skipped);
  }

  async fold(part: number): Promise<FoldedPart | undefined> {
    const events = await this.placing.read(await this.spill.read(part));
    const folded = await foldPart(this.model, this.generation, events, this.like);
    this.like = folded?.rows;
    return folded?.part;
  }

  close(): Promise<void> {
    return Promise.resolve();
  }
}
