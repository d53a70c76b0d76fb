import { once } from 'node:events';
import { Worker, parentPort, workerData } from 'node:worker_threads';
import type { EventRegistry } from '@guanxi/event-store';
import type { AnyReadModel } from '../read-model';
import { SkippedEvents } from '../skipped-events';
import type { FoldedPart } from './part-fold';
import { OwnFolder } from './part-folder';
import type { PartFolder } from './part-folder';
import { Spill } from './spill';
import type { ThreadWork } from './thread-codec';
import { answerOf, messageIn, orderOf, partOf, told, workOf } from './thread-codec';

/** A part takes a few megabytes; without a limit each thread's heap would grow as if it were alone. */
const LIMITS = { maxYoungGenerationSizeMb: 48, maxOldGenerationSizeMb: 512 };

/** Folds in a thread of its own, which runs a file that calls `serveFolds` with the code of all contexts. */
export class ThreadFolder implements PartFolder {
  private readonly worker: Worker;
  /** Fails when the thread ends, which it does not before it is told to. */
  private readonly ended: Promise<never>;

  constructor(file: string, work: ThreadWork) {
    this.worker = new Worker(file, { workerData: work, resourceLimits: LIMITS });
    this.ended = new Promise((_, reject) => {
      this.worker.on('error', reject);
      this.worker.on('exit', () => {
        reject(new Error('a thread of the rebuild ended by itself'));
      });
    });
    // Heard by who waits for an answer; as long as nobody does, it is no fault.
    this.ended.catch(() => undefined);
  }

  async fold(part: number): Promise<FoldedPart | undefined> {
    const answered = once(this.worker, 'message');
    answered.catch(() => undefined);
    this.worker.postMessage(part);
    return answerOf(messageIn(await Promise.race([answered, this.ended])));
  }

  async close(): Promise<void> {
    await this.worker.terminate();
  }
}

/** Folds parts for a rebuild, in a thread that the rebuild has started. */
export function serveFolds(models: readonly AnyReadModel[], registry: EventRegistry): void {
  const port = parentPort;
  if (!port) throw new Error('this is no thread of a rebuild');
  const { model: name, generation, skipped, directory, mark } = workOf(workerData);
  const model = models.find((each) => each.name === name);
  if (!model) throw new Error(`there is no projection ${name}`);
  const folder = new OwnFolder(
    model,
    registry,
    new SkippedEvents(skipped),
    generation,
    new Spill(directory, mark),
  );
  port.on('message', (order: unknown) => {
    folder.fold(partOf(order)).then(
      (folded) => {
        const { message, transfer } = orderOf(folded);
        port.postMessage(message, [...transfer]);
      },
      (error: unknown) => {
        port.postMessage({ failed: told(error) });
      },
    );
  });
}
