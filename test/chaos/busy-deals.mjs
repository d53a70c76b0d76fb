import { randomUUID } from 'node:crypto';

/** So many deals are worked on at a time. */
const OPEN = 5;
const REVISIONS = 60;

/**
 * Commands for few deals, one right after the other: many messages of one key are on their way at any moment, so that
 * one that passes another would be seen. Has no end.
 */
export function* busyDeals() {
  for (;;) {
    const deals = Array.from({ length: OPEN }, () => randomUUID());
    for (const id of deals) yield lineOf('OpenDeal', id, 1_000);
    for (let n = 1; n <= REVISIONS; n += 1) for (const id of deals) yield lineOf('ReviseDeal', id, 1_000 + n);
  }
}

const lineOf = (command, id, amount) => ({
  ...{ command, id, key: `${command}-${id}-${amount}` },
  data: { value: { amount, currency: 'CNY' } },
});
