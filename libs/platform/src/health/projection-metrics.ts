import type { FoldedBatch, LeaseChange, ProjectionObserver } from '@guanxi/projections';
import type { Registry } from 'prom-client';
import { Counter, Gauge, Histogram } from 'prom-client';
import type { ProjectionState } from './projection-state';

const PREFIX = 'guanxi_projection';

/** Measurements of the read models: of this process's worker as they come, of the books at each scrape. */
export class ProjectionMetrics implements ProjectionObserver {
  private readonly batchEvents: Histogram;
  private readonly batchSeconds: Histogram;
  private readonly foldedEvents: Counter;
  private readonly leaseChanges: Counter;
  private readonly shardsHeld: Gauge;
  private readonly shardsFree: Gauge;
  private readonly lagEvents: Gauge;
  private readonly lagPositions: Gauge;
  private readonly lagSeconds: Gauge;
  private readonly parked: Gauge;
  private readonly rebuildEvents: Gauge;
  private readonly rebuildRate: Gauge;

  constructor(registry: Registry) {
    const registers = [registry];
    const gauge = (name: string, help: string, ...labelNames: readonly string[]): Gauge =>
      new Gauge({ name: `${PREFIX}_${name}`, help, labelNames, registers });
    const counter = (name: string, help: string, ...labelNames: readonly string[]): Counter =>
      new Counter({ name: `${PREFIX}_${name}`, help, labelNames, registers });
    const histogram = (name: string, help: string, buckets: number[]): Histogram =>
      new Histogram({ name: `${PREFIX}_${name}`, help, labelNames: ['model'], buckets, registers });

    this.batchEvents = histogram(
      'batch_events',
      'Events of a batch that were folded into a read model by this process',
      [1, 4, 16, 64, 256, 1_024, 4_096],
    );
    this.batchSeconds = histogram(
      'batch_seconds',
      'Time to fold and commit a batch, with all read models that it was folded into',
      [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    );
    this.foldedEvents = counter(
      'events_folded_total',
      'Events folded by this process',
      'model',
      'generation',
    );
    this.leaseChanges = counter('lease_changes_total', 'Shards that this process won or lost', 'change');
    this.shardsHeld = gauge('shards_held', 'Shards that this process holds', 'generation');
    this.shardsFree = gauge('shards_free', 'Shards of a read model that no worker holds', 'model');
    this.lagEvents = gauge('lag_events', 'Events that a read model is behind the head of the log', 'model');
    this.lagPositions = gauge(
      'lag_positions',
      'Distance of a read model to the head in positions of a log whose positions are places and do not count events',
      'model',
    );
    this.lagSeconds = gauge(
      'lag_seconds',
      'Age of the oldest event that a read model has not folded yet; 0 when none is left',
      'model',
    );
    this.parked = gauge(
      'parked_keys',
      'Keys that are set aside because of an event that could not be folded',
      'model',
    );
    this.rebuildEvents = gauge(
      'rebuild_events',
      'Events of the phase that a rebuild is at: how many there are, how many of them are done',
      ...['model', 'generation', 'phase', 'count'],
    );
    this.rebuildRate = gauge('rebuild_events_per_second', 'Speed of a rebuild', 'model', 'generation');
    for (const change of ['won', 'lost']) this.leaseChanges.inc({ change }, 0);
  }

  folded({ model, generation, events, seconds }: FoldedBatch): void {
    this.batchEvents.observe({ model }, events);
    this.batchSeconds.observe({ model }, seconds);
    this.foldedEvents.inc({ model, generation }, events);
  }

  leasesChanged({ won, lost }: LeaseChange): void {
    this.leaseChanges.inc({ change: 'won' }, won.length);
    this.leaseChanges.inc({ change: 'lost' }, lost.length);
    for (const { generation } of won) this.shardsHeld.inc({ generation });
    for (const { generation } of lost) this.shardsHeld.dec({ generation });
  }

  /** Takes over what the books say. */
  look({ models, rebuilds }: ProjectionState): void {
    for (const { model, lag, distance, lagSeconds, parked, shards, held } of models) {
      if (lag !== undefined) this.lagEvents.set({ model }, Number(lag));
      if (distance !== undefined) this.lagPositions.set({ model }, Number(distance));
      this.lagSeconds.set({ model }, lagSeconds);
      this.parked.set({ model }, parked);
      this.shardsFree.set({ model }, shards - held);
    }
    this.rebuildEvents.reset();
    this.rebuildRate.reset();
    for (const { model, generation, phase, state, done, total, rate } of rebuilds) {
      this.rebuildEvents.set({ model, generation, phase, count: 'done' }, done);
      this.rebuildEvents.set({ model, generation, phase, count: 'total' }, total);
      this.rebuildRate.set({ model, generation }, state === 'running' ? rate : 0);
    }
  }
}
