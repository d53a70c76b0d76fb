import { MemoryEventStore } from '@guanxi/event-store';
import type { JsonObject, RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { versionsOf } from '@guanxi/projections';
import { customerStreams } from './customer-streams';

const first = '7b0c3f4e-51c5-4c8e-9a2f-1d4b6a7c8e90';
const second = '3d2a9f60-8f1b-4a77-b0de-6c1a5c1e9d42';
const thing = '0d5a4a2e-6f3b-4f0e-9a55-0b1d7a0d3c11';
const model = customerStreams(['noted.v1']);

async function recorded(stream: string, ...facts: readonly JsonObject[]): Promise<readonly RecordedEvent[]> {
  const store = new MemoryEventStore(() => Date.parse('2026-01-01T00:00:00Z'));
  const at = parseInstant('2026-01-01T00:00:00Z');
  const events = facts.map((data, index) => ({ id: `e${index}`, type: 'noted.v1', occurredAt: at, data }));
  const metadata = { commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' };
  await store.append([{ stream, expected: 'new', events }], {
    ...metadata,
    actor: 'tester',
    tenant: 'default',
    policyVersion: 0,
  });
  return store.readStream(stream);
}

/** The rows that follow from a stream's events, one for each customer of whom they speak. */
async function rowsOf(stream: string, ...facts: readonly JsonObject[]): Promise<readonly unknown[]> {
  const byKey = new Map<string, RecordedEvent[]>();
  for (const fact of await recorded(stream, ...facts)) {
    const key = model.keyOf(fact);
    if (key !== undefined) byKey.set(key, [...(byKey.get(key) ?? []), fact]);
  }
  return [...byKey].map(([key, events]) => versionsOf(model, key, events).current?.row);
}

describe('the streams of a customer', () => {
  it('are its own, whatever its events say', async () => {
    expect(await rowsOf(`customer-${first}`, {}, { name: 'Ningbo' })).toEqual([
      { stream: `customer-${first}`, customerId: first },
    ]);
  });

  it('are those that name it, also after they were handed to another', async () => {
    expect(
      await rowsOf(`deal-${thing}`, { customerId: first.toUpperCase() }, {}, { customerId: second }),
    ).toEqual([
      { stream: `deal-${thing}`, customerId: first },
      { stream: `deal-${thing}`, customerId: second },
    ]);
  });

  it('are not those that name nobody, or nothing that could be a customer', async () => {
    expect(await rowsOf(`deal-${thing}`, {}, { customerId: 'the baker' }, { customerId: 7 })).toEqual([]);
  });

  it('keep apart streams of two kinds that were given the same id', async () => {
    const [deal] = await recorded(`deal-${thing}`, { customerId: first });
    const [complaint] = await recorded(`complaint-${thing}`, { customerId: first });
    if (!deal || !complaint) throw new Error('nothing was recorded');
    expect(model.keyOf(deal)).not.toEqual(model.keyOf(complaint));
  });

  it('make no new row of what is known', async () => {
    const events = await recorded(`customer-${first}`, {}, {}, {});
    expect(versionsOf(model, 'key', events).closed).toEqual([]);
  });
});
