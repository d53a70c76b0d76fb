export {};

/** An event as a store reads it out, as far as the check looks at it. */
interface StoredEvent {
  readonly id: string;
  readonly stream: string;
  readonly revision: number;
  readonly position: bigint;
  readonly recordedAt: string;
  readonly data: object;
}

interface Log {
  readonly faults: Readonly<Record<string, number>>;
  readonly words: readonly string[];
  check(store: object, attempts: object): Promise<{ unanswered: number; unansweredWritten: number }>;
  checkAgain(store: object): Promise<void>;
}

// Scripts that are run as they are, without a build.
const { LogCheck } = jest.requireActual<{ LogCheck: new () => Log }>('./log-check.cjs');
const { Attempts } = jest.requireActual<{ Attempts: new () => { hear(line: string): void } }>(
  './attempts.cjs',
);

const event = (position: number, changes: Partial<StoredEvent> = {}): StoredEvent => ({
  ...{ id: `e${position}`, stream: 'own-1', revision: position - 1, position: BigInt(position) },
  ...{ recordedAt: `2026-01-01T00:00:0${position}.000Z`, data: {} },
  ...changes,
});

const three = [event(1), event(2), event(3)];

const storeOf = (events: readonly StoredEvent[], head = events.length): object => ({
  head: async () => ({ position: BigInt(head) }),
  async *readAll({ after }: { after: bigint }) {
    yield events.filter(({ position }) => position > after);
  },
});

/** Two appends: of e1 alone, and of e2 with e3. */
const sent = [
  { sent: 1, own: true, writes: [['own-1', ['e1']]] },
  { sent: 2, own: true, writes: [['own-1', ['e2', 'e3']]] },
];
const told = [
  { acknowledged: 1, position: '1', ...answer(1, 0) },
  { acknowledged: 2, position: '3', ...answer(2, 2) },
];

function answer(second: number, revision: number): object {
  return { recordedAt: `2026-01-01T00:00:0${second}.000Z`, streams: [{ stream: 'own-1', revision }] };
}

const heard = (lines: readonly object[]): object => {
  const attempts = new Attempts();
  for (const line of lines) attempts.hear(JSON.stringify(line));
  return attempts;
};

const whole = [event(1), event(2), event(3, { recordedAt: event(2).recordedAt })];

/** The faults found in a store after what an appender said; those at nought are left out. */
async function faults(
  events: readonly StoredEvent[],
  lines: readonly object[],
  head?: number,
): Promise<object> {
  const log = new LogCheck();
  await log.check(storeOf(events, head), heard(lines));
  return found(log);
}

const found = ({ faults: counts }: Log): object =>
  Object.fromEntries(Object.entries(counts).filter(([, count]) => count > 0));

describe('the check of the crash test', () => {
  it('finds nothing where all is right', async () => {
    expect(await faults(whole, [...sent, ...told])).toEqual({});
  });

  it('finds acknowledged events that are gone', async () => {
    expect(await faults(whole.slice(0, 1), [...sent, ...told])).toEqual({ lost: 2 });
  });

  it('finds an append that is there in part', async () => {
    expect(await faults(whole.slice(0, 2), sent)).toEqual({ torn: 1 });
  });

  it('counts appends that were never answered, and those that are there', async () => {
    const log = new LogCheck();
    expect(await log.check(storeOf(whole.slice(0, 1)), heard(sent))).toEqual({
      unanswered: 2,
      unansweredWritten: 1,
    });
  });

  it('finds an event that is there twice', async () => {
    const again = event(4, { id: 'e1', revision: 3 });
    expect(await faults([...whole, again], [...sent, ...told])).toMatchObject({ doubled: 1 });
  });

  it('finds positions, revisions and a head that leave something out', async () => {
    expect(await faults([event(1), event(3, { revision: 1 })], sent, 3)).toMatchObject({ gaps: 1 });
    expect(await faults([event(1), event(2, { revision: 2 })], sent)).toMatchObject({ gaps: 1 });
    expect(await faults(whole, [...sent, ...told], 4)).toEqual({ gaps: 1 });
  });

  it('finds what goes backwards', async () => {
    expect(await faults([event(1), event(2, { revision: 0 })], sent)).toMatchObject({ inverted: 1 });
    const early = event(2, { recordedAt: '2025-01-01T00:00:00.000Z' });
    expect(await faults([event(1), early], sent)).toMatchObject({ inverted: 1 });
  });

  it('finds answers that name another place', async () => {
    const elsewhere = { acknowledged: 1, position: '1', ...answer(1, 5) };
    expect(await faults(whole, [...sent, elsewhere])).toEqual({ misplaced: 1 });
    expect(await faults(whole, [...sent, { ...told[1], position: '2' }])).toEqual({ misplaced: 1 });
  });

  it('finds what was refused or never sent', async () => {
    const contended = { ...sent[0], own: false };
    expect(await faults(whole, [contended, sent[1] ?? {}, { refused: 1 }, told[1] ?? {}])).toEqual({
      uncalled: 1,
    });
    expect(await faults([...whole, event(4)], [...sent, ...told])).toEqual({ uncalled: 1 });
  });

  it('finds answers that nobody should get', async () => {
    expect(await faults([], [...sent, { refused: 1 }])).toEqual({ lies: 1 });
    expect(await faults([], [...sent, { failed: 1, code: 'ECONNRESET', message: 'read' }])).toEqual({
      lies: 1,
    });
    expect(await faults([], [...sent, { failed: 1, code: 'event-store.unavailable' }])).toEqual({});
  });

  it('finds at the end what was right once and is not any more', async () => {
    const log = new LogCheck();
    await log.check(storeOf(whole), heard([...sent, ...told]));
    await log.checkAgain(storeOf(whole));
    expect(found(log)).toEqual({});
    await log.checkAgain(storeOf(whole.slice(0, 2)));
    expect(found(log)).toEqual({ lost: 1, misplaced: 1 });
    const changed = new LogCheck();
    await changed.check(storeOf(three), heard(sent));
    await changed.checkAgain(storeOf([event(1), event(2), event(3, { data: { other: true } })]));
    expect(found(changed)).toEqual({ misplaced: 1 });
  });
});
