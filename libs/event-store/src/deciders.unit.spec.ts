import type { CommandMeta, Decider, Instant } from '@guanxi/kernel';
import { event, parseInstant } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import { Deciders } from './deciders';
import { EventRegistry } from './event-registry';
import { MemoryEventStore } from './memory-event-store';

interface Raised {
  readonly type: 'raised.v1';
  readonly data: { readonly by: number };
}

const counter: Decider<number, Raised> = { initial: 0, evolve: (sum, { data }) => sum + data.by };
const registry = new EventRegistry([event('raised.v1', Type.Object({ by: Type.Integer() }))]);
const STREAM = 'counter-1';
const raised = (by: number): readonly Raised[] => [{ type: 'raised.v1', data: { by } }];

const at = (second: number): Instant => parseInstant(`2026-03-01T10:00:${String(second).padStart(2, '0')}Z`);

const meta = (id: string, now: Instant, occurredAt = now): CommandMeta => ({
  commandId: id,
  command: 'Raise',
  commandHash: id,
  at: occurredAt,
  now,
  correlationId: id,
  actor: 'test',
  tenant: 'default',
});

describe('commands on one stream', () => {
  const start = () => {
    const store = new MemoryEventStore();
    const deciders = new Deciders(store, registry);
    const raise = (command: CommandMeta, by = 1) =>
      deciders.transact(STREAM, counter, () => raised(by), command);
    return { store, deciders, raise };
  };

  it('happen one after the other when many come at once, none is turned away', async () => {
    const { store, deciders } = start();
    const outcomes = await Promise.all(
      Array.from({ length: 50 }, (_, index) =>
        deciders.transact(STREAM, counter, (sum) => raised(sum + 1), meta(`c${index}`, at(50 - index))),
      ),
    );
    expect(outcomes.map(({ revision }) => revision)).toEqual(outcomes.map((_, index) => index));
    const sums = (await store.readStream(STREAM)).map(({ data }) => data.by);
    expect(sums).toEqual(sums.map((_, index) => 2 ** index));
  });

  it('go on after one that was refused', async () => {
    const { store, deciders, raise } = start();
    const refused = deciders.transact(
      STREAM,
      counter,
      () => {
        throw new Error('no');
      },
      meta('a', at(1)),
    );
    const next = raise(meta('b', at(1)));
    await expect(refused).rejects.toThrow('no');
    await expect(next).resolves.toMatchObject({ status: 'accepted' });
    expect(await store.readStream(STREAM)).toHaveLength(1);
  });

  it('happen no earlier than the last event when they name no moment', async () => {
    const { store, raise } = start();
    await raise(meta('a', at(5)));
    await raise(meta('b', at(3)));
    expect((await store.readStream(STREAM)).map(({ occurredAt }) => occurredAt)).toEqual([at(5), at(5)]);
  });

  it('are refused when they name a moment before the last event', async () => {
    const { store, raise } = start();
    await raise(meta('a', at(5)));
    await expect(raise(meta('b', at(6), at(3)))).rejects.toMatchObject({ code: 'command.predates' });
    expect(await store.readStream(STREAM)).toHaveLength(1);
  });
});
