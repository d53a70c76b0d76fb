import { randomUUID } from 'node:crypto';

const HASH = '3f0a6b1c94d27e58a1b0c9d8e7f60512'.repeat(2);
const TEXT = 'Delivered to the side door, the front one is being repaired until the end of the month.';

let number = 0;

/** An event of about 490 bytes of JSON, its data and its metadata together; no two are the same. */
export function sample() {
  number += 1;
  const id = randomUUID();
  return {
    id,
    type: 'bench.order-placed.v1',
    occurredAt: '2026-01-01T00:00:00.000Z',
    data: {
      number,
      product: `P-${number % 1_000}`,
      quantity: 1 + (number % 12),
      price: { amount: `${number % 97}.50`, currency: 'EUR' },
      country: 'Portugal',
      note: TEXT,
    },
    metadata: {
      commandId: id,
      command: 'PlaceOrder',
      commandHash: HASH,
      correlationId: id,
      actor: 'bench',
      tenant: 'default',
      policyVersion: 1,
    },
  };
}
