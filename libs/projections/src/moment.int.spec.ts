import { randomUUID } from 'node:crypto';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { plusMilliseconds } from '@guanxi/kernel';
import { createPool } from '@guanxi/platform';
import fc from 'fast-check';
import type { Pool, PoolClient } from 'pg';
import type { TestDatabase } from '../../../test/support/postgres';
import { testDatabase } from '../../../test/support/postgres';
import { createIndexes, createTables } from './ddl';
import { ModelWriter } from './model-writer';
import { rowsAt } from './moment';
import { readTypes } from './row-codec';
import { accounts, learnedAt } from './testing/ledger-model';
import { foldTimeline, versionsOf } from './versions';

const GENERATION = 'test_accounts_v1';
const EPOCH = '1900-01-01T00:00:00.000Z' as Instant;
const KEYS = 6;

/** Powers of two, so that periods of milliseconds, hours and centuries come about, and runs of one position and of many. */
const power = (max: number): fc.Arbitrary<number> =>
  fc.tuple(fc.integer({ min: 0, max }), fc.integer({ min: -1, max: 1 })).map(([n, more]) => 2 ** n + more);

interface Fact {
  readonly key: number;
  readonly kind: 'booked' | 'redated';
  /** Milliseconds since the fact before on the time axis; a late one goes back by as much instead. */
  readonly after: number;
  readonly late: boolean;
  /** Positions since the fact before. */
  readonly positions: number;
  readonly value: number;
}

const fact: fc.Arbitrary<Fact> = fc.record({
  key: fc.integer({ min: 0, max: KEYS - 1 }),
  kind: fc.constantFrom('booked', 'booked', 'booked', 'redated'),
  after: power(42),
  late: fc.integer({ min: 0, max: 3 }).map((n) => n === 0),
  positions: power(44),
  value: fc.integer({ min: -20, max: 20 }),
});

/** Facts as events of accounts: accounts are opened at the beginning, then facts are learned in their order. */
function eventsOf(ids: readonly string[], facts: readonly Fact[]): ReadonlyMap<string, RecordedEvent[]> {
  const events = new Map<string, RecordedEvent[]>(ids.map((id) => [id, []]));
  let position = 0n;
  let now = EPOCH;
  let learned = 0;
  const add = (id: string, type: string, occurredAt: Instant, data: object): void => {
    const own = events.get(id) ?? [];
    learned += 1;
    own.push({
      id: `${id} ${own.length}`,
      type,
      stream: `account-${id}`,
      revision: own.length,
      position,
      occurredAt,
      recordedAt: learnedAt(learned),
      data: data as RecordedEvent['data'],
      metadata: {} as RecordedEvent['metadata'],
    });
  };
  for (const id of ids) {
    position += 1n;
    add(id, 'account-opened.v1', EPOCH, { owner: 'somebody' });
  }
  for (const { key, kind, after, late, positions, value } of facts) {
    const id = ids[key];
    if (id === undefined) continue;
    position += BigInt(Math.max(1, positions));
    const at = plusMilliseconds(now, late ? -after : after);
    if (!late) now = at;
    const revision = Math.abs(value) % (events.get(id)?.length ?? 1);
    if (kind === 'booked') add(id, 'account-booked.v1', at, { amount: value });
    else add(id, 'account-redated.v1', now, { redates: { revision, to: at } });
  }
  return events;
}

/** The moments at which something begins or ends, and those one millisecond before and after. */
const around = (moments: readonly Instant[]): readonly Instant[] =>
  moments.flatMap((at) => [-1, 0, 1].map((more) => plusMilliseconds(at, more)));

describe('rows at a moment', () => {
  let database: TestDatabase;
  let pool: Pool;
  let client: PoolClient;
  beforeAll(async () => {
    database = await testDatabase();
    pool = createPool({ url: database.url, name: 'test', max: 1 });
    client = await pool.connect();
    await client.query('create schema rm');
    for (const statement of createTables(accounts, GENERATION)) await client.query(statement);
    for (const statement of createIndexes(accounts, GENERATION)) await client.query(statement);
  });
  afterAll(async () => {
    client.release();
    await pool.end();
    await database.drop();
  });

  async function balancesAt(asOf: Instant | null, known: bigint | null): Promise<Record<string, number>> {
    const { rows } = await client.query<{ id: string; balance: number }>({
      text: `select id, balance from ${rowsAt({ model: accounts, generation: GENERATION }, { asOf, known })} r`,
      types: readTypes,
    });
    const balances = Object.fromEntries(rows.map(({ id, balance }) => [id, balance]));
    expect(Object.keys(balances)).toHaveLength(rows.length);
    return balances;
  }

  it('are those of a fresh fold, whatever is asked and however late things were learned', async () => {
    const writer = new ModelWriter(accounts, GENERATION);
    await fc.assert(
      fc.asyncProperty(
        fc.array(fact, { minLength: 5, maxLength: 40 }),
        fc.array(fc.tuple(fc.nat(), fc.nat()), { minLength: 20, maxLength: 20 }),
        fc.boolean(),
        async (facts, picks, scans) => {
          await client.query(
            `truncate rm.${GENERATION}, rm.${GENERATION}_history, rm.${GENERATION}_movements`,
          );
          await client.query(`set enable_seqscan = ${scans ? 'on' : 'off'}`);
          const ids = Array.from({ length: KEYS }, () => randomUUID());
          const events = eventsOf(ids, facts);
          const versions = [...events].map(([id, own]) => [id, versionsOf(accounts, id, own)] as const);
          await writer.replace(client, new Map(versions));

          const all = [...events.values()].flat();
          const last = all.map(({ position }) => position).reduce((a, b) => (a > b ? a : b));
          const expected = (t: Instant | null, p: bigint): Record<string, number> => {
            const balances: Record<string, number> = {};
            for (const [id, own] of events) {
              const known = own.filter(({ position }) => position <= p);
              for (const { row, validFrom, validTo } of foldTimeline(accounts, id, known).versions)
                if ((t === null || validFrom <= t) && (validTo === null || (t !== null && validTo > t)))
                  balances[id] = (row as { balance: number }).balance;
            }
            return balances;
          };
          const moments = around([
            ...all.map(({ occurredAt }) => occurredAt),
            ...versions.flatMap(([, { closed }]) =>
              closed.flatMap(({ validFrom, validTo }) => validTo ?? validFrom),
            ),
          ]);
          const positions = all.flatMap(({ position }) => [position - 1n, position, position + 1n]);
          for (const [a, b] of picks) {
            const [t, p] = [moments[a % moments.length] ?? EPOCH, positions[b % positions.length] ?? 0n];
            expect(await balancesAt(t, p)).toEqual(expected(t, p));
            expect(await balancesAt(null, p)).toEqual(expected(null, p));
            expect(await balancesAt(t, null)).toEqual(expected(t, last));
          }
        },
      ),
      { numRuns: 15, interruptAfterTimeLimit: 90_000 },
    );
  }, 120_000);
});
