import { Wakeup } from '@guanxi/event-store';
import type { DeliveryBook, Note } from './delivery-book';

interface Queued {
  readonly note: Note;
  readonly written: () => void;
}

const LOOK_MILLISECONDS = 500;

/** Writes what became of messages one transaction after the other, each with all that has come in during the last one. */
export class NoteWriter {
  private queue: Queued[] = [];
  private readonly wakeup = new Wakeup();
  private written: bigint;

  constructor(
    private readonly book: Pick<DeliveryBook, 'write'>,
    /** How far the log is done with, given everything that was noted until now. */
    private readonly position: () => bigint,
  ) {
    this.written = position();
  }

  /** @param written called once it is in the database */
  note(note: Note, written: () => void = () => undefined): void {
    this.queue.push({ note, written });
    this.wakeup.signal();
  }

  /** Writes until the signal comes, and then what is left. @throws LeaseLost */
  async run(signal: AbortSignal): Promise<void> {
    for (;;) {
      const { ticket } = this.wakeup;
      const wrote = await this.flush();
      if (wrote) continue;
      if (signal.aborted) return;
      await this.wakeup.wait(ticket, LOOK_MILLISECONDS, signal);
    }
  }

  private async flush(): Promise<boolean> {
    const { queue } = this;
    const position = this.position();
    if (queue.length === 0 && position <= this.written) return false;
    this.queue = [];
    await this.book.write(
      queue.map(({ note }) => note),
      position,
    );
    this.written = position;
    for (const { written } of queue) written();
    return true;
  }
}
