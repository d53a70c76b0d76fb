import type { Registry } from 'prom-client';
import { Counter, Gauge } from 'prom-client';
import type { Feed, FeedFigures } from './feed';

/** Registers what a feed measures of itself; it is asked at each scrape. */
export function registerFeedMetrics(registry: Registry, feed: Feed): void {
  const registers = [registry];
  const gauge = (name: string, help: string, of: (figures: FeedFigures) => number): Gauge =>
    new Gauge({
      name: `guanxi_feed_${name}`,
      help,
      registers,
      collect() {
        this.set(of(feed.figures()));
      },
    });
  const counter = (name: string, help: string, of: (figures: FeedFigures) => number): Counter =>
    new Counter({
      name: `guanxi_feed_${name}_total`,
      help,
      registers,
      collect() {
        this.reset();
        this.inc(of(feed.figures()));
      },
    });
  gauge('open', 'Feeds of server-sent events that this process has open', ({ open }) => open);
  gauge('polls_open', 'Long polls of the feed that this process has open', ({ polls }) => polls);
  gauge('catching_up', 'Readers that read the log because they are behind', ({ catchingUp }) => catchingUp);
  gauge('queued', 'Readers that wait for their turn to read the log', ({ queued }) => queued);
  gauge(
    feed.countsEvents ? 'lag_events' : 'lag_positions',
    feed.countsEvents
      ? 'Events of the log that the slowest reader is behind'
      : 'Distance of the slowest reader to the end of the log, in its positions, which do not count events',
    ({ lagPositions }) => lagPositions,
  );
  gauge(
    'lag_seconds',
    'Age of the oldest event that the slowest reader was not sent',
    ({ lagSeconds }) => lagSeconds,
  );
  counter('events_sent', 'Events sent, over all readers', ({ sent }) => sent);
  counter('cut_off', 'Readers that were cut off because they took nothing', ({ cutOff }) => cutOff);
  counter('refused', 'Readers that were refused because too many were there', ({ refused }) => refused);
  counter('unmappable_events', 'Events that could not be told', ({ untold }) => untold);
}
