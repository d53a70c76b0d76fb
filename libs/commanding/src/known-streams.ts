import type { EventStore } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import { LRUCache } from 'lru-cache';
import type { Reference } from './command-spec';

const REMEMBERED = 100_000;

/** Whether streams that commands refer to exist. A stream never goes away again, so a yes may be remembered. */
export class KnownStreams {
  private readonly known = new LRUCache<string, true>({ max: REMEMBERED });

  constructor(private readonly store: EventStore) {}

  /** Notes a stream that was just written to. */
  remember(stream: string): void {
    this.known.set(stream, true);
  }

  /** @throws DomainError `reference.unknown` naming each field whose stream has no event */
  async require(references: readonly Reference[]): Promise<void> {
    const unknown: Reference[] = [];
    for (const reference of references) {
      if (!(await this.exists(reference.stream))) unknown.push(reference);
    }
    if (unknown.length === 0) return;
    const message = unknown
      .map(({ field, stream }) => `${field}: there is no ${stream.replace('-', ' ')}`)
      .join('; ');
    throw new DomainError(
      'reference.unknown',
      'not-found',
      message,
      {},
      unknown.map(({ field }) => ({
        field,
        rule: 'exists',
        pointer: `/${field.replaceAll('.', '/')}`,
        message: 'names nothing that exists',
      })),
    );
  }

  private async exists(stream: string): Promise<boolean> {
    if (this.known.get(stream)) return true;
    const [first] = await this.store.readStream(stream, { limit: 1 });
    if (first) this.known.set(stream, true);
    return first !== undefined;
  }
}
