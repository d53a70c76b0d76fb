import { randomUUID } from 'node:crypto';
import { setTimeout as delay } from 'node:timers/promises';
import { createPool, PostgresEventStore } from './product.mjs';

/** So many customers have a deal that is worked on at a time. */
const OPEN = 40;
const EVENTS_AN_APPEND = 4;
const STEP_MS = 10;

const value = { amount: 1_250_000, currency: 'CNY' };
/** The events of a customer with one deal, one after the other; not all of them are public. */
const life = (customer, deal, owner) => [
  [customer, 'customer-registered.v1', { kind: 'end', relationship: 'active', name: 'Chaos Ltd', owner }],
  [
    deal,
    'deal-opened.v1',
    { value, owner, customerId: customer.slice('customer-'.length), title: 'Renewal' },
  ],
  [deal, 'deal-first-meeting-scheduled.v1', { meetingAt: '2036-03-03T08:00:00.000Z' }],
  [deal, 'deal-advanced.v1', { from: 'E', to: 'D' }],
  [deal, 'deal-reviewed.v1', { note: 'Next step stands' }],
  [customer, 'customer-owner-assigned.v1', { owner: randomUUID(), reason: 'New territory' }],
  [deal, 'deal-first-meeting-held.v1', { agreedToContinue: true }],
  [deal, 'deal-advanced.v1', { from: 'D', to: 'C' }],
  [deal, 'deal-revised.v1', { value: { amount: 1_100_000, currency: 'CNY' } }],
  [deal, 'deal-lost.v1', { from: 'C', reason: 'price' }],
];

/** Appends the lives of customers and their deals, in between each other, at a steady rate. */
export class DealWriter {
  #pool;
  #store;
  #lives = [];
  #turn = 0;
  /** Events that were appended so far. */
  written = 0;

  /** @param {string} url database @param {number} perSecond events */
  constructor(url, perSecond) {
    this.#pool = createPool({ url, name: 'chaos-writer', max: 2 });
    this.#store = new PostgresEventStore(this.#pool);
    this.perSecond = perSecond;
  }

  /** Appends so many events. */
  async write(count) {
    const begun = performance.now();
    for (let done = 0; done < count;) {
      const due = Math.ceil(((performance.now() - begun) / 1_000) * this.perSecond);
      while (done < Math.min(due, count)) {
        const some = Math.min(EVENTS_AN_APPEND, count - done);
        await this.#append(some);
        done += some;
        this.written += some;
      }
      await delay(STEP_MS);
    }
  }

  async close() {
    await this.#store.close();
    await this.#pool.end();
  }

  async #append(count) {
    const writes = Array.from({ length: count }, () => this.#next());
    const commandId = randomUUID();
    await this.#store.append(writes, {
      ...{ commandId, command: 'Chaos', commandHash: 'none', correlationId: commandId },
      ...{ actor: 'chaos', tenant: 'default', policyVersion: 0 },
    });
  }

  /** The next event of the next life; a life that is over makes room for another. */
  #next() {
    this.#turn = (this.#turn + 1) % OPEN;
    let lived = this.#lives[this.#turn];
    if (lived === undefined || lived.left.length === 0) {
      const left = life(`customer-${randomUUID()}`, `deal-${randomUUID()}`, randomUUID());
      lived = { left, revisions: new Map() };
      this.#lives[this.#turn] = lived;
    }
    const [stream, type, data] = lived.left.shift();
    const revision = lived.revisions.get(stream);
    lived.revisions.set(stream, (revision ?? -1) + 1);
    const event = { id: randomUUID(), type, occurredAt: new Date().toISOString(), data };
    return { stream, expected: revision ?? 'new', events: [event] };
  }
}
