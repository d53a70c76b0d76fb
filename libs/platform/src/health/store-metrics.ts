import type { AppendObserver, WrittenGroup } from '@guanxi/event-store-postgres';
import type { Registry } from 'prom-client';
import { Histogram } from 'prom-client';

/** Measurements of this process's appends to PostgreSQL. */
export class StoreMetrics implements AppendObserver {
  private readonly seconds: Histogram;
  private readonly appends: Histogram;

  constructor(registry: Registry) {
    const registers = [registry];
    this.seconds = new Histogram({
      name: 'guanxi_append_group_duration_seconds',
      help: 'Time from sending a group of appends to the answer that it is on disk',
      buckets: [0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 1, 5],
      registers,
    });
    this.appends = new Histogram({
      name: 'guanxi_append_group_appends',
      help: 'Appends that went into one transaction together',
      buckets: [1, 2, 4, 8, 16, 32, 64, 128],
      registers,
    });
  }

  written({ appends, seconds }: WrittenGroup): void {
    this.seconds.observe(seconds);
    this.appends.observe(appends);
  }
}
