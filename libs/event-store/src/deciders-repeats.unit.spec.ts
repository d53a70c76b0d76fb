import type { CommandMeta, Decider } from '@guanxi/kernel';
import { event, parseInstant } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import fc from 'fast-check';
import { Deciders } from './deciders';
import { EventRegistry } from './event-registry';
import { derivedId } from './ids';
import { MemoryEventStore } from './memory-event-store';
import { StreamCache } from './stream-cache';
import { commandUnchanged } from './unchanged-commands';

interface Set_ {
  readonly type: 'value-set.v1';
  readonly data: { readonly to: number };
}

const register: Decider<number, Set_> = { initial: 0, evolve: (_, { data }) => data.to };
const registry = new EventRegistry([event('value-set.v1', Type.Object({ to: Type.Integer() }))]);
const set =
  (to: number) =>
  (value: number): readonly Set_[] =>
    value === to ? [] : [{ type: 'value-set.v1', data: { to } }];
const refuse = (value: number): readonly Set_[] => {
  throw new Error(`not at ${String(value)}`);
};

let count = 0;
function command(name: string | undefined, content = ''): CommandMeta {
  count += 1;
  const now = parseInstant(new Date(Date.UTC(2026, 0, 1) + count).toISOString());
  const commandId = derivedId(name ?? `command ${String(count)}`);
  return {
    ...{ commandId, command: 'Set', commandHash: content, isRepeatable: name !== undefined },
    ...{ at: now, now, correlationId: commandId, actor: 'test', tenant: 'default' },
  };
}

/** Two processes on one store, and a count of what they read. */
function processes() {
  const store = new MemoryEventStore();
  const reads: string[] = [];
  const counting = new Proxy(store, {
    get: (target, name) => {
      const value: unknown = Reflect.get(target, name);
      if (typeof value !== 'function') return value;
      return (...given: unknown[]): unknown => {
        if (name === 'readStream') reads.push(String(given[0]));
        return Reflect.apply(value, target, given) as unknown;
      };
    },
  });
  return { store, reads, here: new Deciders(counting, registry), there: new Deciders(store, registry) };
}

const A = 'value-a';
const B = 'value-b';

describe('streams that are kept', () => {
  it('are read once, and then no more', async () => {
    const { here, reads } = processes();
    for (let to = 1; to <= 20; to += 1) await here.transact(A, register, set(to), command(undefined));
    expect(reads).toEqual([A]);
  });

  it('are read on when another process wrote: for an append, a refusal and no change alike', async () => {
    const { here, there } = processes();
    await here.transact(A, register, set(1), command(undefined));
    await there.transact(A, register, set(2), command(undefined));
    expect(await here.transact(A, register, set(3), command(undefined))).toMatchObject({ revision: 2 });
    await there.transact(A, register, set(4), command(undefined));
    await expect(here.transact(A, register, refuse, command(undefined))).rejects.toThrow('not at 4');
    await there.transact(A, register, set(5), command(undefined));
    expect(await here.transact(A, register, set(5), command(undefined))).toMatchObject({
      ...{ status: 'unchanged', revision: 4 },
    });
    await there.transact(A, register, set(6), command(undefined));
    const stale = here.transact(A, register, set(7), command(undefined), { expectedRevision: 4 });
    await expect(stale).rejects.toMatchObject({ code: 'stream.revision', facts: { revision: 5 } });
    const seen = { expectedRevision: 5 };
    expect(await here.transact(A, register, set(8), command(undefined), seen)).toMatchObject({ revision: 6 });
  });

  it('fold to the same state as streams that are read, in whatever order things happened', async () => {
    const moments = fc.array(fc.integer({ min: 0, max: 50 }), { maxLength: 20 });
    const sums: Decider<readonly number[], Set_> = {
      initial: [],
      evolve: (values, { data }) => [...values, data.to],
    };
    await fc.assert(
      fc.asyncProperty(moments, async (seconds) => {
        const store = new MemoryEventStore();
        const kept = new Deciders(store, registry);
        const states = async (deciders: Deciders): Promise<unknown> => {
          let found: unknown;
          await deciders.transact(A, sums, (values) => ((found = values), []), command(undefined));
          return found;
        };
        for (const [to, second] of seconds.entries()) {
          const at = parseInstant(new Date(Date.UTC(2026, 0, 1, 0, 0, second)).toISOString());
          const meta = { ...command(undefined), at };
          await kept.transact(A, sums, () => [{ type: 'value-set.v1' as const, data: { to } }], meta, {
            mayPredate: true,
          });
          expect(await states(kept)).toEqual(await states(new Deciders(store, registry)));
        }
      }),
      { numRuns: 50 },
    );
  });

  it('take no more bytes than they may, and drop those used longest ago', async () => {
    const store = new MemoryEventStore();
    const cache = new StreamCache(40_000);
    const deciders = new Deciders(store, registry, cache);
    for (let n = 0; n < 200; n += 1)
      await deciders.transact(`value-${n}`, register, set(n + 1), command(undefined));
    expect(cache.use.bytes).toBeLessThanOrEqual(40_000);
    expect(cache.use.streams).toBeGreaterThan(10);
    expect(cache.use.streams).toBeLessThan(60);
    expect(cache.get('value-199', register)).toBeDefined();
    expect(cache.get('value-0', register)).toBeUndefined();
  });
});

describe('a command that is sent again', () => {
  it('has its first answer, from this process and from another', async () => {
    const { here, there } = processes();
    const first = await here.transact(A, register, set(1), command('one'));
    await here.transact(A, register, set(2), command(undefined));
    for (const deciders of [here, there]) {
      expect(await deciders.transact(A, register, set(1), command('one'))).toEqual({
        ...first,
        repeated: true,
      });
    }
  });

  it('has its first answer also where it had found nothing to change', async () => {
    const { store, here, there } = processes();
    await here.transact(A, register, set(1), command(undefined));
    const first = await here.transact(A, register, set(1), command('same'));
    expect(first).toMatchObject({ status: 'unchanged', revision: 0, position: 1n, repeated: false });
    await here.transact(A, register, set(2), command(undefined));
    for (const deciders of [here, there]) {
      expect(await deciders.transact(A, register, set(1), command('same'))).toEqual({
        ...first,
        repeated: true,
      });
    }
    await there.transact(A, register, set(1), command(undefined));
    expect(await there.transact(A, register, set(1), command('same'))).toEqual({ ...first, repeated: true });
    expect((await store.readStream(A)).map(({ data }) => data)).toEqual([{ to: 1 }, { to: 2 }, { to: 1 }]);
  });

  it('has one answer while the first is still under way, whoever asks', async () => {
    const { store, here, there } = processes();
    const asked = await Promise.all(
      [here, there, here, there].map((deciders) => deciders.transact(A, register, set(1), command('race'))),
    );
    expect(new Set(asked.map(({ position }) => position))).toEqual(new Set([1n]));
    expect(await store.readStream(A)).toHaveLength(1);
    const nothing = await Promise.all(
      [here, there, here, there].map((deciders) => deciders.transact(A, register, set(1), command('idle'))),
    );
    expect(nothing.filter(({ repeated }) => !repeated)).toHaveLength(1);
    expect(new Set(nothing.map(({ revision }) => revision))).toEqual(new Set([0]));
  });

  it('is refused with other content, changed or not', async () => {
    const { here, there } = processes();
    await here.transact(A, register, set(1), command('one', 'a'));
    await here.transact(A, register, set(1), command('same', 'a'));
    for (const name of ['one', 'same']) {
      const other = there.transact(A, register, set(9), command(name, 'b'));
      await expect(other).rejects.toMatchObject({ code: 'command.reused-id' });
    }
  });

  it('leaves no note where nobody can send it again', async () => {
    const { store, here } = processes();
    await here.transact(A, register, set(1), command(undefined));
    await here.transact(A, register, set(1), command(undefined));
    expect((await store.head()).position).toBe(1n);
  });
});

describe('a command over several streams', () => {
  const move =
    (by: number) =>
    ([a, b]: readonly [number, number]) => [set(a - by)(a), set(b + by)(b)];
  const both = [
    { stream: A, decider: register },
    { stream: B, decider: register },
  ] as const;

  it('is carried out as a whole, once, and answers for each stream', async () => {
    const { store, here, there } = processes();
    const first = await here.transactAcross(both, move(5), command('move'));
    expect(first.map(({ stream, revision }) => [stream, revision])).toEqual([
      [A, 0],
      [B, 0],
    ]);
    const again = await there.transactAcross(both, move(5), command('move'));
    expect(again.map(({ stream, revision, repeated }) => [stream, revision, repeated])).toEqual([
      [A, 0, true],
      [B, 0, true],
    ]);
    expect((await store.readStream(B)).map(({ data }) => data)).toEqual([{ to: 5 }]);
  });

  it('loses nothing when both processes move back and forth', async () => {
    const { store, here, there } = processes();
    const moves = Array.from({ length: 30 }, (_, n) =>
      (n % 2 === 0 ? here : there)
        .transactAcross(both, move(n % 2 === 0 ? 1 : -2), command(undefined))
        .catch(() => n),
    );
    const lost = (await Promise.all(moves)).filter((outcome) => typeof outcome === 'number');
    const done = Array.from({ length: 30 }, (_, n) => n).filter((n) => !lost.includes(n));
    const expected = done.reduce((sum, n) => sum + (n % 2 === 0 ? 1 : -2), 0);
    const last = (await store.readStream(B)).at(-1)?.data;
    expect(last).toEqual({ to: expected });
    expect((await store.readStream(A)).at(-1)?.data).toEqual({ to: -expected });
  });

  it('holds a stream that it only looked at to what it saw', async () => {
    const { store, here, there } = processes();
    await here.transact(A, register, set(1), command(undefined));
    const copy = ([a, b]: readonly [number, number]) => [[], set(a)(b)];
    await there.transact(A, register, set(7), command(undefined));
    await here.transactAcross(both, copy, command(undefined));
    expect((await store.readStream(B)).map(({ data }) => data)).toEqual([{ to: 7 }]);
  });
});

it('keeps a stored note readable for ever', () => {
  const sample = { stream: 'deal-1', revision: -1, position: '12' };
  const notes = new EventRegistry([commandUnchanged]);
  expect(() => {
    notes.check('command-unchanged.v1', sample);
  }).not.toThrow();
});
