import { complaintsContext } from '@guanxi/complaints';
import { customersContext } from '@guanxi/customers';
import { parseInstant } from '@guanxi/kernel';
import { steeringContext } from '@guanxi/steering';
import { randomUUID } from 'node:crypto';
import type { RunningContexts } from '../../../../test/support/contexts';
import { runContexts } from '../../../../test/support/contexts';
import type { EventItem } from './event-list';
import { EventParameters, listEvents } from './event-list';

const contexts = [customersContext, steeringContext, complaintsContext];

describe('the list of events', () => {
  let running: RunningContexts;
  const customerId = randomUUID();
  const other = randomUUID();
  const complaint = randomUUID();
  let known: string;

  beforeAll(async () => {
    running = await runContexts(contexts);
    await running.send(
      'RegisterCustomer',
      customerId,
      { kind: 'end', party: 'organisation', name: 'Ningbo Trading', externalRef: 'NB' },
      '2026-01-01T00:00:00Z',
    );
    await running.send(
      'RegisterCustomer',
      other,
      { kind: 'end', party: 'organisation', name: 'Hefei Tools' },
      '2026-01-02T00:00:00Z',
    );
    await running.send(
      'FileComplaint',
      complaint,
      { customerId, channel: 'web', cause: 'not-solved' },
      '2026-01-10T00:00:00Z',
    );
    await running.send(
      'FileComplaint',
      randomUUID(),
      { customerId: other, channel: 'web', cause: 'unknown' },
      '2026-01-11T00:00:00Z',
    );
    known = running.now();
    await running.send('AcknowledgeComplaint', complaint, {}, '2026-01-10T05:00:00Z');
    await running.send('DefineProduct', randomUUID(), { name: 'GTX Pro' }, '2026-01-20T00:00:00Z');
  });
  afterAll(() => running.stop());

  const ask = (parameters: Partial<EventParameters>, when: { asOf?: string; asKnownAt?: string } = {}) =>
    listEvents(
      running.queries,
      running.store,
      {
        ...(when.asOf === undefined ? {} : { asOf: parseInstant(when.asOf) }),
        ...(when.asKnownAt === undefined ? {} : { asKnownAt: parseInstant(when.asKnownAt) }),
      },
      { ...new EventParameters(), ...parameters },
    );
  const positions = (items: readonly EventItem[]): readonly string[] => items.map(({ position }) => position);

  it('is the log, page by page', async () => {
    const first = await ask({ limit: 4 });
    expect(positions(first.items)).toEqual(['1', '2', '3', '4']);
    expect(first).toMatchObject({ position: '6', nextCursor: '4' });
    const second = await ask({ limit: 4, after: first.nextCursor ?? '' });
    expect(positions(second.items)).toEqual(['5', '6']);
    expect(second.nextCursor).toBeNull();
    expect((await ask({ limit: 6 })).nextCursor).toBeNull();
  });

  it('shows an event with all that is stored of it', async () => {
    const { items } = await ask({ after: '2', limit: 1 });
    expect(items).toEqual([
      {
        position: '3',
        id: expect.any(String),
        type: 'complaint-filed.v1',
        stream: `complaint-${complaint}`,
        revision: 0,
        occurredAt: '2026-01-10T00:00:00.000Z',
        recordedAt: expect.any(String),
        data: { customerId, channel: 'web', cause: 'not-solved', severity: 3 },
        metadata: expect.objectContaining({ command: 'FileComplaint', actor: 'tester' }),
      },
    ]);
  });

  it('holds the events of one stream or of some types', async () => {
    expect(positions((await ask({ stream: `complaint-${complaint}` })).items)).toEqual(['3', '5']);
    expect(positions((await ask({ stream: `complaint-${complaint}`, after: '3' })).items)).toEqual(['5']);
    expect(positions((await ask({ type: ['complaint-filed.v1'] })).items)).toEqual(['3', '4']);
    expect(
      positions((await ask({ type: ['complaint-filed.v1', 'product-defined.v1'], after: '3' })).items),
    ).toEqual(['4', '6']);
    expect((await ask({ stream: `deal-${complaint}` })).items).toEqual([]);
  });

  it('holds all that concerns a customer, whichever stream it lies in', async () => {
    expect(positions((await ask({ customer: customerId })).items)).toEqual(['1', '3', '5']);
    expect(positions((await ask({ customer: customerId.toUpperCase() })).items)).toEqual(['1', '3', '5']);
    expect(positions((await ask({ customer: 'NB' })).items)).toEqual(['1', '3', '5']);
    expect(positions((await ask({ customer: other })).items)).toEqual(['2', '4']);
    expect(positions((await ask({ customer: 'NB', type: ['complaint-filed.v1'] })).items)).toEqual(['3']);
    expect(positions((await ask({ customer: 'NB', stream: `complaint-${complaint}` })).items)).toEqual([
      '3',
      '5',
    ]);
    expect((await ask({ customer: 'nobody' })).items).toEqual([]);
    const first = await ask({ customer: 'NB', limit: 2 });
    expect(first.nextCursor).toBe('3');
    expect(positions((await ask({ customer: 'NB', limit: 2, after: '3' })).items)).toEqual(['5']);
  });

  it('ends where the asked knowledge ends, and at the moment asked for', async () => {
    for (const part of [{}, { customer: 'NB' }, { stream: `complaint-${complaint}` }]) {
      expect(positions((await ask(part, { asKnownAt: known })).items)).not.toContain('5');
      expect(positions((await ask(part)).items)).toContain('5');
    }
    expect(await ask({}, { asKnownAt: known })).toMatchObject({ position: '4' });
    expect(positions((await ask({}, { asOf: '2026-01-10T05:00:00Z' })).items)).toEqual(['1', '2', '3', '5']);
    expect(positions((await ask({ customer: 'NB' }, { asOf: '2026-01-10T00:00:00Z' })).items)).toEqual([
      '1',
      '3',
    ]);
  });
});
