import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { EventMetadata, RecordedEvent } from '@guanxi/kernel';
import fc from 'fast-check';
import type { Step } from '../testing/ledger-model';
import { accounts, historyOf } from '../testing/ledger-model';
import type { Running } from '../testing/running';
import { running } from '../testing/running';
import { tablesAsText } from '../testing/tables';
import type { RebuildOutcome } from './rebuild';
import { rebuild } from './rebuild';

const step = fc.record<Step>({
  kind: fc.constantFrom('booked', 'set', 'tagged', 'seen', 'redated'),
  day: fc.integer({ min: 0, max: 12 }),
  value: fc.integer({ min: -20, max: 20 }),
  joined: fc.boolean(),
});

const metadata = (): EventMetadata => ({
  commandId: randomUUID(),
  command: 'Test',
  commandHash: '',
  correlationId: '',
  actor: 'test',
  tenant: 'default',
  policyVersion: 0,
});

let it_: Running;
let spillDirectory: string;
beforeEach(async () => {
  it_ = await running();
  spillDirectory = mkdtempSync(join(tmpdir(), 'guanxi-rebuild-'));
});
afterEach(async () => {
  await it_.close();
  rmSync(spillDirectory, { recursive: true });
});

/** Appends events of one stream; those that were recorded together in one append. */
async function append(events: readonly RecordedEvent[]): Promise<void> {
  const appends = new Map<string, RecordedEvent[]>();
  for (const event of events)
    appends.set(event.recordedAt, [...(appends.get(event.recordedAt) ?? []), event]);
  for (const own of appends.values()) {
    const [first] = own;
    if (!first) continue;
    const news = own.map(({ type, occurredAt, data }) => ({ id: randomUUID(), type, occurredAt, data }));
    await it_.store.append([{ stream: first.stream, expected: 'any', events: news }], metadata());
  }
}

const build = (): Promise<RebuildOutcome> =>
  rebuild({ ...it_, models: [accounts], spillDirectory }, accounts.name);

it('fills tables with the very rows that following the log put into those that serve', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.array(step, { maxLength: 12 }), { minLength: 1, maxLength: 6 }),
      async (histories) => {
        for (const steps of histories) await append(historyOf(`account-${randomUUID()}`, steps));
        await it_.caughtUp();
        const { generation, state } = await build();
        expect(state).toBe('done');
        expect(await tablesAsText(it_.pool, generation)).toEqual(
          await tablesAsText(it_.pool, 'test_accounts_v1'),
        );
      },
    ),
    { numRuns: 12 },
  );
}, 120_000);
