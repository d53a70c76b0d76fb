import type { NewEvent, StreamWrite } from '@guanxi/event-store';
import { newId } from '@guanxi/event-store';
import { parseInstant } from '@guanxi/kernel';
import type { RunningContexts } from '../../../../test/support/contexts';
import { customers } from '../read/customers';
import { purchases } from '../read/purchases';
import type { Told } from './events';

const STREAMS_IN_AN_APPEND = 1_000;

/** Writes whole new streams straight into the store, many at once, and waits until the read models hold them. */
export async function record({ store, queries }: RunningContexts, told: readonly Told[]): Promise<void> {
  const streams = new Map<string, NewEvent[]>();
  for (const { stream, type, data, at } of told) {
    const events = streams.get(stream) ?? [];
    events.push({ id: newId(), type, occurredAt: parseInstant(at), data: { ...data } });
    streams.set(stream, events);
  }
  const writes = [...streams].map(([stream, events]): StreamWrite => ({ stream, expected: 'new', events }));
  for (let start = 0; start < writes.length; start += STREAMS_IN_AN_APPEND) {
    await store.append(writes.slice(start, start + STREAMS_IN_AN_APPEND), {
      commandId: newId(),
      command: 'Test',
      commandHash: 'test',
      correlationId: newId(),
      actor: 'tester',
      tenant: 'default',
      policyVersion: 0,
    });
  }
  await queries.waitFor([customers, purchases], (await store.head()).position);
}

/** The id of the nth customer, purchase or seller of a test. */
export const idNo = (kind: 'customer' | 'purchase' | 'seller', number: number): string => {
  const first = { customer: 'c', purchase: 'b', seller: 'a' }[kind];
  return `${first}0000000-0000-7000-8000-${String(number).padStart(12, '0')}`;
};

/** A customer's file as it is opened. */
export const registered = (number: number, at: string, data: object = {}): Told => ({
  stream: `customer-${idNo('customer', number)}`,
  type: 'customer-registered.v1',
  at,
  data: { kind: 'end', relationship: 'active', externalRef: `C-${number}`, ...data },
});

/** The end of a relationship. */
export const ended = (number: number, at: string, data: object = {}): Told => ({
  stream: `customer-${idNo('customer', number)}`,
  type: 'relationship-ended.v1',
  at,
  data: { cause: 'price', controllable: true, ...data },
});

/** A purchase of one line. */
export const bought = (
  number: number,
  customer: number,
  at: string,
  { currency = 'USD', kind = 'sale', channel, ...line }: { [field: string]: unknown } = {},
): Told => ({
  stream: `purchase-${idNo('purchase', number)}`,
  type: 'purchase-recorded.v1',
  at,
  data: {
    customerId: idNo('customer', customer),
    kind,
    currency,
    ...(channel === undefined ? {} : { channel }),
    lines: [{ product: 'P', quantity: 1, revenue: 1_000, costOfGoods: 600, ...line }],
  },
});
