import type { RelayLag } from '@guanxi/publishing';
import { downstreamState } from './downstream';
import type { DownstreamState } from './downstream';
import type { ProjectionState } from './projection-state';
import { readinessOf } from './readiness';

const webhook = {
  ...({ webhook: 'w-1', status: 'enabled', position: '7', lag: '3', lagSeconds: 4 } as const),
  ...{ waitingKeys: 1, failingSeconds: 4 },
} as const;
const webhooks = { states: () => Promise.resolve([webhook]) };
const kept = {
  ...{ phase: 'relaying', reason: null, position: 5n, holder: 'host:1', silentSeconds: 1 },
  since: '2026-01-01T00:00:00Z',
};
const relayed = (relay: object | undefined): (() => Promise<RelayLag>) => {
  const lag = { relay, head: 10n, lag: 5n, lagSeconds: 2, parked: [{ stream: 'deal-1' }] };
  return () => Promise.resolve(lag as unknown as RelayLag);
};

describe('how far those outside are', () => {
  it('leaves out what this process does not have', async () => {
    const state = await downstreamState({ countsEvents: true, relay: undefined, feed: undefined, webhooks });
    expect(state).toEqual({
      countsEvents: true,
      webhooks: [{ webhook: 'w-1', status: 'enabled', lag: '3', lagSeconds: 4, waitingKeys: 1 }],
    });
  });

  it('tells events and seconds of relay and feed', async () => {
    const figures = {
      ...{ open: 2, polls: 0, catchingUp: 0, queued: 0, sent: 0, cutOff: 0, refused: 0, untold: 0 },
      ...{ lagPositions: 12, lagSeconds: 1.5 },
    };
    const feed = { figures: () => figures };
    const state = await downstreamState({ countsEvents: true, relay: relayed(kept), feed, webhooks });
    expect(state).toMatchObject({
      relay: { up: true, phase: 'relaying', lag: '5', lagSeconds: 2, parked: 1 },
      feed: { open: 2, lag: '12', lagSeconds: 1.5 },
    });
  });

  it.each([
    ['never begun', undefined, { up: false }],
    [
      'waiting',
      { ...kept, phase: 'waiting', reason: 'away' },
      { up: false, phase: 'waiting', reason: 'away' },
    ],
    ['silent', { ...kept, silentSeconds: 16 }, { up: false, phase: 'relaying' }],
  ])('does not call a relay up that is %s', async (_how, relay, expected) => {
    const parts = { countsEvents: true, relay: relayed(relay), feed: undefined, webhooks };
    expect((await downstreamState(parts)).relay).toMatchObject(expected);
  });
});

describe('readiness', () => {
  const projections: ProjectionState = {
    ...{ head: '0', models: [], policies: [] },
    ...{ workers: [], rebuilds: [], notices: [] },
  };
  const state = (): Promise<ProjectionState> => Promise.resolve(projections);
  const downstream: DownstreamState = { countsEvents: true, webhooks: [] };

  it('tells of those outside', async () => {
    expect(await readinessOf(state, () => Promise.resolve(downstream), false)).toEqual({
      ...{ status: 'ready', database: 'ok', projections, downstream },
    });
  });

  it.each([
    ['fails', (): Promise<DownstreamState> => Promise.reject(new Error('broken'))],
    ['does not end', (): Promise<DownstreamState> => new Promise(() => undefined)],
  ])('does not depend on them: reading %s', async (_how, broken) => {
    expect(await readinessOf(state, broken, false)).toEqual({
      ...{ status: 'ready', database: 'ok', projections },
    });
  });

  it('depends on the database', async () => {
    const away = (): Promise<ProjectionState> => Promise.reject(new Error('away'));
    expect(await readinessOf(away, () => Promise.resolve(downstream), false)).toEqual({
      ...{ status: 'not-ready', database: 'unreachable' },
    });
  });
});
