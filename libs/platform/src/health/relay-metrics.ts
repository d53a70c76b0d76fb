import type { PublishedBatch, RelayLag, RelayObserver } from '@guanxi/publishing';
import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';

/** A relay that was not heard of for so long is gone. */
export const SILENT_SECONDS = 15;

const FAILURES: readonly Parameters<RelayObserver['failed']>[0][] = [
  ...(['fenced', 'away', 'too-large', 'refused', 'unknown', 'store'] as const),
];

/** Measurements of publishing to Kafka: of this process's relay as they come, of where it stands at each scrape. */
export class RelayMetrics implements RelayObserver {
  private readonly transactions: Histogram;
  private readonly sizes: Histogram;
  private readonly events: Counter;
  private readonly messages: Counter;
  private readonly bytes: Counter;
  private readonly failures: Counter;
  private readonly keys: Counter;
  private asked: Promise<RelayLag> | undefined;

  /** @param look how the relay stands; asked once a scrape */
  constructor(
    registry: Registry,
    private readonly look: () => Promise<RelayLag>,
  ) {
    const registers = [registry];
    const counter = (name: string, help: string, labelNames: readonly string[] = []): Counter =>
      new Counter({ name: `guanxi_relay_${name}`, help, labelNames: [...labelNames], registers });
    this.transactions = new Histogram({
      name: 'guanxi_relay_transaction_duration_seconds',
      help: 'Time from the beginning of a transaction to its commit; the count is that of transactions',
      buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.sizes = new Histogram({
      name: 'guanxi_relay_batch_messages',
      help: 'Messages in a transaction',
      buckets: [1, 2, 5, 10, 50, 100, 500, 1_000, 2_500, 5_000],
      registers,
    });
    this.events = counter('events_total', 'Public events that this process published');
    this.messages = counter('messages_total', 'Messages that this process published');
    this.bytes = counter('bytes_total', 'Bytes of these messages, with keys and headers');
    this.failures = counter('failures_total', 'How often publishing broke off, by why', ['kind']);
    this.keys = counter('keys_total', 'Keys that this process has set aside or healed', ['became']);
    // From 0 on: an increase is seen against something.
    for (const kind of FAILURES) this.failures.inc({ kind }, 0);
    for (const became of ['parked', 'healed']) this.keys.inc({ became }, 0);
    const gauge = (name: string, help: string, of: (lag: RelayLag) => number): void => {
      const own: Gauge = new Gauge({
        ...{ name: `guanxi_relay_${name}`, help, registers },
        collect: async () => {
          const lag = await this.lookOnce();
          if (lag) own.set(of(lag));
        },
      });
    };
    gauge('lag_events', 'Log behind which the relay is: events, or a distance on KurrentDB', ({ lag }) =>
      Number(lag),
    );
    gauge(
      'lag_seconds',
      'Age of the first public event that is not published',
      ({ lagSeconds }) => lagSeconds,
    );
    gauge('parked_keys', 'Keys whose events wait, as one of them cannot be published', ({ parked }) =>
      Number(parked.length),
    );
    gauge('up', '1 while a worker publishes', ({ relay }) =>
      Number(relay?.phase === 'relaying' && relay.silentSeconds < SILENT_SECONDS),
    );
  }

  published({ events, messages, bytes, milliseconds }: PublishedBatch): void {
    this.transactions.observe(milliseconds / 1_000);
    this.sizes.observe(messages);
    this.events.inc(events);
    this.messages.inc(messages);
    this.bytes.inc(bytes);
  }

  failed(kind: Parameters<RelayObserver['failed']>[0]): void {
    this.failures.inc({ kind });
  }

  parked(): void {
    this.keys.inc({ became: 'parked' });
  }

  healed(): void {
    this.keys.inc({ became: 'healed' });
  }

  /** All gauges of a scrape ask at the same time; a database that does not answer is told of elsewhere. */
  private lookOnce(): Promise<RelayLag | undefined> {
    this.asked ??= this.look().finally(() => {
      this.asked = undefined;
    });
    return this.asked.catch(() => undefined);
  }
}
