import { EventRegistry, MemoryEventStore } from '@guanxi/event-store';
import { instantOf } from '@guanxi/kernel';
import { ContractBook, registerFeedMetrics } from '@guanxi/publishing';
import { Metrics } from '../health/metrics';
import { RelayMetrics } from '../health/relay-metrics';
import { WebhookMetrics } from '../health/webhook-metrics';
import { JsonLog } from '../logging/json-log';
import { publicFeed } from '../product/public-feed';

const model = {
  ...{ model: 'deals', generation: 'deals_v1', position: '7', lagSeconds: 1, parked: 0 },
  ...{ shards: 4, held: 4 },
};
const rebuild = {
  ...{ generation: 'deals_v1_2', model: 'deals', state: 'running', phase: 'folding' },
  ...{ done: 1, total: 2, rate: 3 },
};
const lease = {
  ...{ generation: 'deals_v1', shard: 0, shards: 4, holder: 'worker', token: 1n, position: 7n },
};
const policy = {
  ...{ policy: 'deadlines', pending: 1, due: 0, lateSeconds: 0, next: null, outbox: 0 },
  ...{ refused: 0, parked: 0 },
};
const webhook = {
  ...{ webhook: 'w-1', position: '7', lag: '1', lagSeconds: 1, waitingKeys: 0, failingSeconds: 0 },
  status: 'enabled' as const,
};

/** All that the product's processes measure, after each kind of thing has happened once, in Prometheus' text form. */
export async function everythingMeasured({
  countsEvents,
}: {
  readonly countsEvents: boolean;
}): Promise<string> {
  const distance = countsEvents ? { lag: '3' } : { distance: '300' };
  const state = {
    ...{ head: '10', models: [{ ...model, ...distance }], policies: [], workers: [] },
    ...{ rebuilds: [rebuild], notices: [] },
  };
  const metrics = new Metrics(
    () => Promise.resolve(state),
    () => Promise.resolve([policy]),
  );
  metrics.answered({ method: 'GET', route: '/v1/deals', status: 200, seconds: 0.01 });
  metrics.store.written({ appends: 1, seconds: 0.001 });
  metrics.projections.folded({ model: 'deals', generation: 'deals_v1', events: 1, seconds: 0.01 });
  metrics.projections.leasesChanged({ won: [lease], lost: [] });
  metrics.policies.fired([
    {
      ...{ policy: 'deadlines', name: 'due', dueAt: instantOf(new Date(0)), lateByMilliseconds: 1 },
    },
  ]);
  for (const answer of ['accepted', 'refused', 'again'] as const)
    metrics.policies.sent('deadlines', 'RemindOfDeal', answer);
  metrics.measure((registry) => measureOutside(registry, countsEvents));
  return metrics.text();
}

function measureOutside(
  registry: ConstructorParameters<typeof RelayMetrics>[0],
  countsEvents: boolean,
): void {
  const stored = { store: new MemoryEventStore(), registry: new EventRegistry([]) };
  const log = new JsonLog('error', () => undefined);
  registerFeedMetrics(
    registry,
    publicFeed({ ...stored, book: new ContractBook([], '/a'), countsEvents, log }),
  );
  const relay = new RelayMetrics(registry, () =>
    Promise.resolve({ relay: undefined, head: 10n, lag: 3n, lagSeconds: 1, parked: [] }),
  );
  relay.published({ events: 1, messages: 1, bytes: 1, milliseconds: 1 });
  const webhooks = new WebhookMetrics(registry, () => Promise.resolve([webhook]));
  for (const outcome of ['delivered', 'failed', 'gone', 'untold'] as const)
    webhooks.tried('w-1', outcome, 0.1);
}
