import { Counter, Gauge, Histogram, Registry, collectDefaultMetrics } from 'prom-client';
import type { PolicyState } from '@guanxi/policies';
import { PolicyMetrics } from './policy-metrics';
import { ProjectionMetrics } from './projection-metrics';
import type { ProjectionState } from './projection-state';
import { StoreMetrics } from './store-metrics';

interface AnswerSeries {
  readonly duration: Histogram.Internal<string>;
  readonly requests: Counter.Internal;
}

/** What the process measures of itself, in Prometheus' text form. */
export class Metrics {
  private readonly registry = new Registry();
  private readonly durations: Histogram;
  private readonly requests: Counter;
  /** By method, route and status, of which there are few: to find a series by its labels takes longer than to note a value. */
  private readonly answers = new Map<string, AnswerSeries>();
  /** What the worker of this process tells. */
  readonly projections: ProjectionMetrics;
  readonly policies: PolicyMetrics;
  /** What its event store tells. */
  readonly store: StoreMetrics;
  private readonly head: Gauge;
  private readonly reachable: Gauge;

  /**
   * @param state how far the read models have come; asked at each scrape
   * @param policyStates how the policies stand; likewise
   */
  constructor(
    private readonly state: () => Promise<ProjectionState>,
    private readonly policyStates: () => Promise<readonly PolicyState[]>,
  ) {
    const registers = [this.registry];
    collectDefaultMetrics({ register: this.registry });
    this.durations = new Histogram({
      name: 'guanxi_http_request_duration_seconds',
      help: 'Time from a request to the end of its answer',
      labelNames: ['method', 'route', 'status'],
      buckets: [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
      registers,
    });
    this.requests = new Counter({
      name: 'guanxi_http_requests_total',
      help: 'Requests answered',
      labelNames: ['method', 'status'],
      registers,
    });
    this.projections = new ProjectionMetrics(this.registry);
    this.policies = new PolicyMetrics(this.registry);
    this.store = new StoreMetrics(this.registry);
    this.head = new Gauge({
      name: 'guanxi_log_head_position',
      help: 'Position of the last event in the log: the number of events on PostgreSQL, a place in the log on KurrentDB',
      registers,
    });
    this.reachable = new Gauge({
      name: 'guanxi_database_reachable',
      help: '1 when the database answered this scrape',
      registers,
    });
  }

  /** Lets a part of the product that asks for it register what it measures. */
  measure<T>(register: (registry: Registry) => T): T {
    return register(this.registry);
  }

  /** Notes an answer. */
  answered({
    method,
    route,
    status,
    seconds,
  }: {
    method: string;
    route: string;
    status: number;
    seconds: number;
  }): void {
    const labels = `${method} ${route} ${status}`;
    let series = this.answers.get(labels);
    if (!series) {
      const duration = this.durations.labels(method, route, String(status));
      series = { duration, requests: this.requests.labels(method, String(status)) };
      this.answers.set(labels, series);
    }
    series.duration.observe(seconds);
    series.requests.inc();
  }

  get contentType(): string {
    return this.registry.contentType;
  }

  async text(): Promise<string> {
    // Before the registry is asked: it asks all of its members at the same time.
    await this.look();
    return this.registry.metrics();
  }

  private async look(): Promise<void> {
    try {
      const state = await this.state();
      this.head.set(Number(state.head));
      this.projections.look(state);
      this.policies.look(await this.policyStates());
      this.reachable.set(1);
    } catch {
      this.reachable.set(0);
    }
  }
}
