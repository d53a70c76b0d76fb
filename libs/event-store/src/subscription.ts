import type { RecordedEvent } from '@guanxi/kernel';
import type { SubscriptionMessage } from './port';
import type { Wakeup } from './wakeup';

/** One page of the log: the events that pass the filter, and the position up to which was looked. */
export interface Page {
  readonly events: readonly RecordedEvent[];
  readonly position: bigint;
  /** Whether anything lies behind `position` at the time of reading; `perhaps` where that was not looked up. */
  readonly more: 'yes' | 'no' | 'perhaps';
}

/**
 * Pages one behind the other. The next one is fetched while a page is worked on if more is known to be there, so that
 * neither waits for the other; no further, so that a slow reader holds two pages at most.
 */
export async function* pages(
  readPage: (after: bigint) => Promise<Page>,
  after: bigint,
): AsyncGenerator<Page, never> {
  let position = after;
  let next: Promise<Page> | undefined;
  for (;;) {
    const page = await (next ?? readPage(position));
    position = page.position;
    next = page.more === 'yes' ? readPage(position) : undefined;
    // Whoever stops reading never learns of it, and an error that nobody hears ends the process.
    next?.catch(() => undefined);
    yield page;
  }
}

/**
 * Turns page reads into a subscription: catch-up, word that it is live, then page after page as they come. A
 * subscription that fell behind by more than a page says again that it is live once it is.
 * The ticket is taken before each read, so that a write between the read and the wait is not slept through.
 */
export async function* follow(
  readPage: (after: bigint) => Promise<Page>,
  options: { after: bigint; wakeup: Wakeup; pollMilliseconds: number; signal: AbortSignal },
): AsyncGenerator<SubscriptionMessage> {
  const { wakeup, pollMilliseconds, signal } = options;
  let position = options.after;
  let live = false;
  let ticket = wakeup.ticket;
  const read = (after: bigint): Promise<Page> => {
    ticket = wakeup.ticket;
    return readPage(after);
  };
  for await (const page of pages(read, position)) {
    if (signal.aborted) return;
    if (page.position > position) {
      position = page.position;
      yield { kind: 'events', events: page.events, position };
    }
    if (page.more === 'yes') live = false;
    if (page.more !== 'no') continue;
    if (!live) {
      live = true;
      yield { kind: 'live', position };
    }
    await wakeup.wait(ticket, pollMilliseconds, signal);
    if (signal.aborted) return;
  }
}
