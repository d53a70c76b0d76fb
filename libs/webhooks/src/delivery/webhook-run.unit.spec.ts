import { once } from 'node:events';
import type { EventStore, SubscriptionMessage } from '@guanxi/event-store';
import type { RecordedEvent } from '@guanxi/kernel';
import { instantOf } from '@guanxi/kernel';
import { QUICK } from '../testing/notes';
import type { Note, Standing } from './delivery-book';
import type { SendOutcome } from './sending';
import type { Outgoing } from './wanted';
import { WebhookRun } from './webhook-run';

const KEY = 'note-1';
const SINCE = Date.parse('2026-03-02T09:00:00Z');

/** The note of a key whose revision and position are the same number. */
const noteAt = (n: number): RecordedEvent => ({
  ...{
    id: `event-${n}`,
    type: 'note-written.v1',
    stream: KEY,
    revision: n,
    position: BigInt(n),
    data: { n },
  },
  ...{ occurredAt: instantOf(new Date(SINCE)), recordedAt: instantOf(new Date(SINCE)) },
  metadata: {
    ...{ commandId: 'c', command: 'Test', commandHash: 'h', correlationId: 'c' },
    ...{ actor: 'tester', tenant: 'default', policyVersion: 0 },
  },
});

const messageOf = ({ position, revision }: RecordedEvent): Outgoing => ({
  ...{ id: `message-${position}`, key: KEY, type: 'guanxi.note-written.v1', topic: 'guanxi.notes' },
  ...{ position, revision, part: 0 },
});

const waitingAt = (n: number): Standing['waiting'][number] => {
  const { id, revision, part, position } = messageOf(noteAt(n));
  return { id, key: KEY, revision, part, position, attempts: 1, firstAt: SINCE, dueIn: 0 };
};

/** A key's log, and a run over it; what it writes is taken in as the database would. */
function aRun(given: {
  readonly position: bigint;
  readonly waiting: number;
  readonly unwanted?: number;
  readonly send: (message: Outgoing) => Promise<SendOutcome>;
  readonly readStream: (from: number) => Promise<readonly RecordedEvent[]>;
  readonly subscribe: () => AsyncIterable<SubscriptionMessage>;
}) {
  const written = { position: given.position, waiting: new Set([`message-${given.waiting}`]) };
  const write = (notes: readonly Note[], position: bigint): Promise<void> => {
    for (const { kind, message } of notes) {
      if (kind === 'waits') written.waiting.add(message.id);
      else written.waiting.delete(message.id);
    }
    written.position = position;
    return Promise.resolve();
  };
  const store = {
    readStream: (_stream: string, { from = 0 }: { readonly from?: number }) => given.readStream(from),
    subscribe: given.subscribe,
  } as unknown as EventStore;
  const wanted = {
    types: [],
    messagesOf: (event: RecordedEvent) => (event.revision === given.unwanted ? [] : [messageOf(event)]),
  };
  const run = new WebhookRun(
    {
      ...{ store, wanted: wanted as never, sending: { send: given.send } as never, book: { write } as never },
      ...{ policy: QUICK, giveUp: () => Promise.resolve(), clock: () => SINCE, random: () => 0 },
    },
    { position: given.position, run: 0, waiting: [waitingAt(given.waiting)], through: new Set() },
  );
  return { run, written };
}

const delivered: SendOutcome = { kind: 'delivered', note: { answer: 204 } };

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve();
};

describe('a run that is stopped', () => {
  it('leaves written what waits behind a message that is not wanted any more', async () => {
    const stop = new AbortController();
    let asked = 0;
    const { run, written } = aRun({
      ...{ position: 3n, waiting: 2, unwanted: 2 },
      async *subscribe() {
        yield { kind: 'live', position: 3n };
        await once(stop.signal, 'abort');
      },
      readStream: (from) =>
        Promise.resolve([noteAt(2), noteAt(3)].filter(({ revision }) => revision >= from)),
      send: (message) => {
        asked = message.revision;
        stop.abort();
        return Promise.resolve({ kind: 'stopped' });
      },
    });
    await run.run(stop.signal);
    expect(asked).toBe(3);
    expect(written).toEqual({ position: 3n, waiting: new Set(['message-3']) });
  });
});

describe('what comes in while a key is given free', () => {
  it.each(Array.from({ length: 24 }, (_, hops) => hops))(
    'is sent, %d turns after the stream was looked at',
    async (hops) => {
      const stop = new AbortController();
      const sent: number[] = [];
      let looked = (): void => undefined;
      const lookedAt = new Promise<void>((resolve) => {
        looked = resolve;
      });
      const { run, written } = aRun({
        ...{ position: 2n, waiting: 2 },
        readStream: async (from) => {
          if (sent.length > 0) looked();
          await turns(12);
          return [noteAt(2), noteAt(3)].filter(({ revision }) => revision >= from);
        },
        async *subscribe() {
          await lookedAt;
          await turns(hops);
          yield { kind: 'events', events: [noteAt(3)], position: 3n };
          await once(stop.signal, 'abort');
        },
        send: ({ revision }) => {
          sent.push(revision);
          if (revision === 3) setImmediate(() => void stop.abort());
          return Promise.resolve(delivered);
        },
      });
      const giveUp = setTimeout(() => {
        stop.abort();
      }, 1_000);
      await run.run(stop.signal);
      clearTimeout(giveUp);
      expect(sent).toEqual([2, 3]);
      expect(written).toEqual({ position: 3n, waiting: new Set() });
    },
  );
});
