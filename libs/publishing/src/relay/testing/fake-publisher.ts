import type { Topic } from '../../contracts/contract';
import type { Outgoing } from '../outgoing';
import type { Landmark, OpenPublisher, ParkedKey, Publisher, StateChange } from '../publisher';
import { PublisherError } from '../publisher';

/** What goes wrong with a step of a publisher. */
export type Trouble = 'away-before' | 'away-after' | 'unknown-after' | 'too-large' | undefined;

/** A publisher in memory with the same promises: one transaction, one owner; it fails when it is told to. */
export class FakePublisher implements Publisher {
  readonly sent: Outgoing[] = [];
  readonly transactions: { readonly messages: number; readonly change: StateChange }[] = [];
  position = 0n;
  landmark: Landmark | null | undefined = null;
  made: readonly string[] = [];
  warnings: readonly string[] = [];
  readonly parked = new Map<string, ParkedKey>();
  opened = 0;
  closed = 0;
  /** A relay knows it as it was when it opened, or looked last. */
  largest = 1_000_000;
  private epoch = 0;

  /** @param trouble asked before each step: `open` or `publish` */
  constructor(
    private readonly trouble: (step: 'open' | 'publish', messages: readonly Outgoing[]) => Trouble,
  ) {}

  async open(_topics: readonly Topic[], _signal: AbortSignal): Promise<OpenPublisher> {
    await Promise.resolve();
    if (this.trouble('open', []) !== undefined) throw new PublisherError('away', 'no broker answers');
    const epoch = (this.epoch += 1);
    this.opened += 1;
    let { largest } = this;
    return {
      state: {
        position: this.position,
        parked: new Map(this.parked),
        ...(this.landmark !== undefined && { landmark: this.landmark }),
      },
      ...{ made: this.made, warnings: this.warnings },
      isNew: () => this.sent.length === 0,
      largest: () => largest,
      lookAgain: () => {
        ({ largest } = this);
        return Promise.resolve();
      },
      publish: (messages, change) => this.publish(epoch, messages, change),
      close: () => {
        this.closed += 1;
        return Promise.resolve();
      },
    };
  }

  /** Somebody else takes over. */
  fence(): void {
    this.epoch += 1;
  }

  private async publish(epoch: number, messages: readonly Outgoing[], change: StateChange): Promise<void> {
    await Promise.resolve();
    if (epoch !== this.epoch) throw new PublisherError('fenced', 'another relay has taken over');
    const trouble = this.trouble('publish', messages);
    if (trouble === 'too-large')
      throw new PublisherError('too-large', 'the broker finds the message too large');
    if (trouble === 'away-before') throw new PublisherError('away', 'no broker answers');
    this.sent.push(...messages);
    this.transactions.push({ messages: messages.length, change });
    if (change.position !== undefined) {
      this.position = change.position;
      this.landmark = change.landmark;
    }
    for (const [stream, key] of change.parked ?? []) {
      if (key) this.parked.set(stream, key);
      else this.parked.delete(stream);
    }
    if (trouble === 'away-after') throw new PublisherError('away', 'no broker answers');
    if (trouble === 'unknown-after') throw new PublisherError('unknown', 'committing failed');
  }
}
