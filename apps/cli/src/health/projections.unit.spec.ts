import type { Answer } from '../client/client';
import { projectionChecks } from './projections';

const model = (more: object): object => ({
  ...{ model: 'deals', position: '7', lag: '0', lagSeconds: 0, parked: 0, shards: 4, held: 4 },
  ...more,
});
const answer = (models: readonly object[], more: object = {}): Answer => ({
  projections: { models, ...more },
});
const look = (first: Answer, later = first) => projectionChecks(first, () => Promise.resolve(later), 0);

it('finds nothing to say of a server that tells nothing', async () => {
  expect(await look({})).toEqual([]);
});

it('is content with read models that are up to date', async () => {
  expect(await look(answer([model({})]))).toEqual([
    { name: 'read models', ok: true, detail: 'up to date' },
    { name: 'parked keys', ok: true, detail: 'none' },
  ]);
});

it('tells events and seconds of those that catch up', async () => {
  const [first] = await look(
    answer([model({ lag: '1200', lagSeconds: 2.34 })]),
    answer([model({ lag: '600', position: '607', lagSeconds: 1 })]),
  );
  expect(first).toEqual({
    name: 'read models',
    ok: true,
    detail: 'catching up, 1200 events and 2.3 s behind',
  });
});

it('tells seconds alone where positions do not count events', async () => {
  const { lag: _, ...place } = { ...model({ distance: '90210', lagSeconds: 61 }), lag: '' };
  const [first] = await look(answer([place]));
  expect(first).toMatchObject({
    ok: false,
    detail: 'deals do not move, 61.0 s behind',
    advice: expect.stringContaining('guanxi projections lag'),
  });
});

it('says that a worker is missing where shards have no holder', async () => {
  const [first] = await look(answer([model({ lag: '3', held: 0 })]));
  expect(first).toMatchObject({ ok: false, advice: expect.stringContaining('GUANXI_ROLE=worker') });
});

it('leads from parked keys to the command that lists them', async () => {
  const [, parked] = await look(answer([model({ parked: 2 }), model({ model: 'customers' })]));
  expect(parked).toMatchObject({
    ok: false,
    detail: 'deals: 2',
    advice: expect.stringContaining('guanxi dead-letters list --model deals'),
  });
});

it('leads from keys that policies have set aside to the command that lists them', async () => {
  const policies = [
    { policy: 'clock', parked: 3 },
    { policy: 'other', parked: 0 },
  ];
  const [, , parked] = await look(answer([model({})], { policies }));
  expect(parked).toMatchObject({
    ...{ name: 'parked keys of policies', ok: false, detail: 'clock: 3' },
    advice: expect.stringContaining('guanxi dead-letters list --source policy'),
  });
  const [, , none] = await look(answer([model({})], { policies: policies.slice(1) }));
  expect(none).toEqual({ name: 'parked keys of policies', ok: true, detail: 'none' });
});

it('tells how rebuilds go, and how a broken one goes on', async () => {
  const rebuild = { model: 'deals', generation: 'deals_v1_2', phase: 'folding', done: 340, total: 1000 };
  const rebuilds = ['running', 'failed', 'paused'].map((state) => ({ ...rebuild, state }));
  const [, , running, failed, paused] = await look(answer([model({})], { rebuilds }));
  expect(running).toEqual({ name: 'rebuild', ok: true, detail: 'deals_v1_2: running, folding, 34 %' });
  expect(failed).toMatchObject({
    ok: false,
    advice: expect.stringContaining('guanxi projections rebuild deals'),
  });
  expect(paused).toMatchObject({ ok: true, advice: expect.stringContaining('--cancel') });
});

it('hands on what the server has to tell about its code', async () => {
  const [, , notice] = await look(answer([model({})], { notices: ['the code of deals has changed'] }));
  expect(notice).toEqual({ name: 'notice', ok: true, detail: 'the code of deals has changed' });
});
