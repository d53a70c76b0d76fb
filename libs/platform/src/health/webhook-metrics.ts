import type { DeliveryOutcome, WebhookObserver, WebhookState } from '@guanxi/webhooks';
import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';

/** Measurements of the webhooks: of this process's worker as they come, of where each stands at each scrape. */
export class WebhookMetrics implements WebhookObserver {
  private readonly tries: Counter;
  private readonly durations: Histogram;
  private asked: Promise<readonly WebhookState[]> | undefined;

  /** @param states where each webhook stands; asked once a scrape */
  constructor(
    registry: Registry,
    private readonly states: () => Promise<readonly WebhookState[]>,
  ) {
    const registers = [registry];
    this.tries = new Counter({
      name: 'guanxi_webhook_deliveries_total',
      help: 'Tries of this process to deliver to webhooks, by what became of them',
      labelNames: ['webhook', 'outcome'],
      registers,
    });
    this.durations = new Histogram({
      name: 'guanxi_webhook_delivery_duration_seconds',
      help: 'Time from the call of a webhook to the end of its answer',
      labelNames: ['outcome'],
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    const gauge = (name: string, help: string, of: (state: WebhookState) => number): Gauge => {
      const own: Gauge = new Gauge({
        ...{ name: `guanxi_webhook_${name}`, help, labelNames: ['webhook'], registers },
        collect: async () => {
          const found = await this.look();
          // Those that were removed are not told any more.
          own.reset();
          for (const state of found) own.set({ webhook: state.webhook }, of(state));
        },
      });
      return own;
    };
    gauge(
      'lag_events',
      'Events that a webhook has not got, waiting ones among them; a distance on KurrentDB',
      ({ lag }) => Number(lag),
    );
    gauge('lag_seconds', 'Age of the first event that a webhook has not got', ({ lagSeconds }) => lagSeconds);
    gauge('waiting_keys', 'Keys that wait after a failure', ({ waitingKeys }) => waitingKeys);
    gauge(
      'failing_seconds',
      'For how long the longest waiting key has failed',
      (state) => state.failingSeconds,
    );
    gauge('disabled', '1 for a webhook that is disabled', ({ status }) => Number(status === 'disabled'));
  }

  tried(webhook: string, outcome: DeliveryOutcome, seconds: number): void {
    this.tries.inc({ webhook, outcome });
    this.durations.observe({ outcome }, seconds);
  }

  /** All gauges of a scrape ask at the same time; a database that does not answer is told of elsewhere. */
  private look(): Promise<readonly WebhookState[]> {
    this.asked ??= this.states()
      .catch(() => [])
      .finally(() => {
        this.asked = undefined;
      });
    return this.asked;
  }
}
