import { LIMITS } from '@guanxi/event-store';
import { parseInstant } from '@guanxi/kernel';
import { randomUUID } from 'node:crypto';
import { QUEUE_LIMITS } from './append-queue';
import { pendingAppend } from './pending-append';

const occurredAt = parseInstant('2026-01-01T00:00:00Z');
const metadata = {
  ...{ commandId: 'c', command: 'Note', commandHash: 'h', correlationId: 'c' },
  ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
};

/** What an append of so many events without content counts for. */
function bytesOf(count: number): number {
  const events = Array.from({ length: count }, () => ({
    ...{ id: randomUUID(), type: 'noted.v1', occurredAt, data: {} },
  }));
  return pendingAppend([{ stream: 's-1', expected: 'new', events }], metadata).bytes;
}

it('counts events that say nothing too, so that neither a group nor the queue holds millions of them', () => {
  const most = bytesOf(LIMITS.eventsPerAppend);
  const groupEvents = Math.floor(QUEUE_LIMITS.groupBytes / most) * LIMITS.eventsPerAppend;
  expect(groupEvents).toBeLessThan(10_000);
  expect((QUEUE_LIMITS.bytes / most) * LIMITS.eventsPerAppend).toBeLessThan(250_000);
});

it('leaves a full group its place where each append has one event', () => {
  expect(bytesOf(1) * QUEUE_LIMITS.groupAppends).toBeLessThan(QUEUE_LIMITS.groupBytes / 10);
});
