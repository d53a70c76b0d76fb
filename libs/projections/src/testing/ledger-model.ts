import type { EventMetadata, Happened, Instant, RecordedEvent } from '@guanxi/kernel';
import { plusMilliseconds } from '@guanxi/kernel';
import type { ReadModel } from '../read-model';

/** An account for tests of the engine: small, with every kind of event that the engine treats in its own way. */
export interface AccountRow {
  readonly owner: string;
  readonly balance: number;
  readonly tags?: readonly string[];
}

export type AccountEvent =
  | { readonly type: 'account-opened.v1'; readonly data: { readonly owner: string } }
  | { readonly type: 'account-booked.v1'; readonly data: { readonly amount: number } }
  | { readonly type: 'account-set.v1'; readonly data: { readonly balance: number } }
  | { readonly type: 'account-tagged.v1'; readonly data: { readonly tag: string } }
  | { readonly type: 'account-seen.v1'; readonly data: object }
  | {
      readonly type: 'account-redated.v1';
      readonly data: { readonly redates: { readonly revision: number; readonly to: Instant } };
    };

export interface AccountMovement {
  readonly kind: string;
  readonly delta: number;
}

export const accounts: ReadModel<AccountRow, AccountEvent, AccountMovement> = {
  name: 'test_accounts',
  version: 1,
  types: [
    'account-opened.v1',
    'account-booked.v1',
    'account-set.v1',
    'account-tagged.v1',
    'account-seen.v1',
    'account-redated.v1',
  ],
  keyOf: ({ stream }) => stream.slice('account-'.length),
  columns: { owner: 'text', balance: 'bigint', tags: 'text[]' },
  evolve: (row, event) => evolve(row, event),
  movements: {
    columns: { kind: 'text', delta: 'bigint' },
    of: (before, after, { type }) => {
      const delta = (after?.balance ?? 0) - (before?.balance ?? 0);
      return delta === 0 ? [] : [{ kind: type, delta }];
    },
  },
};

function evolve(row: AccountRow | null, event: Happened<AccountEvent>): AccountRow | null {
  if (event.type === 'account-opened.v1')
    return { owner: event.data.owner, balance: row?.balance ?? 0, tags: row?.tags };
  if (row === null) return null;
  switch (event.type) {
    case 'account-booked.v1':
      if (event.data.amount === 666) throw new Error('this amount cannot be folded');
      return { ...row, balance: row.balance + event.data.amount };
    case 'account-set.v1':
      return { ...row, balance: event.data.balance };
    case 'account-tagged.v1':
      return { ...row, tags: [...(row.tags ?? []), event.data.tag] };
    case 'account-seen.v1':
    case 'account-redated.v1':
      return row;
  }
}

/** What a generated step of a history says; `day` counts from an epoch of the test. */
export interface Step {
  readonly kind: 'booked' | 'set' | 'tagged' | 'seen' | 'redated';
  readonly day: number;
  readonly value: number;
  /** True when it belongs to the same append as the step before. */
  readonly joined: boolean;
}

const EPOCH = '2026-01-01T00:00:00.000Z' as Instant;
const DAY = 86_400_000;

/** The moment of a day of the test. */
export const dayAt = (day: number): Instant => plusMilliseconds(EPOCH, day * DAY);

/** The moment at which a position was learned: long after everything happened, later for later appends. */
export const learnedAt = (append: number): Instant => plusMilliseconds(EPOCH, 1_000 * DAY + append * 1_000);

/** Turns steps into the events of one account; days are taken as they come, so many of them are late. */
export function historyOf(
  stream: string,
  steps: readonly Step[],
  firstPosition = 1,
): readonly RecordedEvent[] {
  let append = firstPosition;
  const opened = { type: 'account-opened.v1', data: { owner: 'somebody' } };
  return [
    { ...opened, day: 0, joined: false },
    ...steps.map((step, index) => ({ ...step, ...eventOf(step, index) })),
  ].map(({ type, data, day, joined }, revision): RecordedEvent => {
    if (!joined) append = firstPosition + revision;
    return {
      id: `${stream} ${revision}`,
      type,
      stream,
      revision,
      position: BigInt(firstPosition + revision),
      occurredAt: dayAt(day),
      recordedAt: learnedAt(append),
      data: data as RecordedEvent['data'],
      metadata: { commandId: String(append) } as EventMetadata,
    };
  });
}

function eventOf({ kind, value, day }: Step, index: number): { type: string; data: object } {
  switch (kind) {
    case 'booked':
      return { type: 'account-booked.v1', data: { amount: value } };
    case 'set':
      return { type: 'account-set.v1', data: { balance: value } };
    case 'tagged':
      return { type: 'account-tagged.v1', data: { tag: `t${value}` } };
    case 'seen':
      return { type: 'account-seen.v1', data: {} };
    case 'redated':
      return {
        type: 'account-redated.v1',
        data: { redates: { revision: Math.abs(value) % (index + 1), to: dayAt(day) } },
      };
  }
}
