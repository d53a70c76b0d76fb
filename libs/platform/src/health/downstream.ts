import type { Feed, RelayLag } from '@guanxi/publishing';
import type { Webhooks } from '@guanxi/webhooks';
import { SILENT_SECONDS } from './relay-metrics';

/** How publishing to Kafka stands. */
export interface RelayHealth {
  /** False while no worker publishes. */
  readonly up: boolean;
  /** What the relay was doing when it was last heard of; absent where none has ever begun. */
  readonly phase?: string;
  readonly reason?: string;
  /** Events behind the end of the log; a distance in it where positions do not count events. */
  readonly lag: string;
  /** Age of the first public event that is not published; 0 when none is left. */
  readonly lagSeconds: number;
  /** Keys that are set aside. */
  readonly parked: number;
}

/** How the feed of this process stands. */
export interface FeedHealth {
  /** Feeds of server-sent events that are open. */
  readonly open: number;
  /** How far the slowest of them is behind, in events or a distance, and in seconds. */
  readonly lag: string;
  readonly lagSeconds: number;
}

/** How a webhook stands; nothing of where it leads to. */
export interface WebhookHealth {
  readonly webhook: string;
  readonly status: 'enabled' | 'disabled';
  readonly lag: string;
  readonly lagSeconds: number;
  readonly waitingKeys: number;
}

/** How far those outside are behind the log. */
export interface DownstreamState {
  /** False where `lag` is a distance in the log and counts no events. */
  readonly countsEvents: boolean;
  /** Absent where no Kafka is set up. */
  readonly relay?: RelayHealth;
  /** Absent in a process that does not serve. */
  readonly feed?: FeedHealth;
  readonly webhooks: readonly WebhookHealth[];
}

/** Who is asked. */
export interface DownstreamParts {
  readonly countsEvents: boolean;
  /** Undefined where no Kafka is set up. */
  readonly relay: (() => Promise<RelayLag>) | undefined;
  /** Undefined in a process that does not serve. */
  readonly feed: Pick<Feed, 'figures'> | undefined;
  readonly webhooks: Pick<Webhooks, 'states'>;
}

/** Reads how far relay, feed and webhooks are. */
export async function downstreamState(parts: DownstreamParts): Promise<DownstreamState> {
  const [relay, webhooks] = await Promise.all([parts.relay?.(), parts.webhooks.states()]);
  return {
    countsEvents: parts.countsEvents,
    ...(relay && { relay: relayHealth(relay) }),
    ...(parts.feed && { feed: feedHealth(parts.feed) }),
    webhooks: webhooks.map(({ webhook, status, lag, lagSeconds, waitingKeys }) => ({
      ...{ webhook, status, lag, lagSeconds, waitingKeys },
    })),
  };
}

function relayHealth({ relay, lag, lagSeconds, parked }: RelayLag): RelayHealth {
  return {
    up: relay?.phase === 'relaying' && relay.silentSeconds < SILENT_SECONDS,
    ...(relay && { phase: relay.phase }),
    ...(relay && relay.reason !== null && { reason: relay.reason }),
    ...{ lag: String(lag), lagSeconds, parked: parked.length },
  };
}

function feedHealth(feed: Pick<Feed, 'figures'>): FeedHealth {
  const { open, lagPositions, lagSeconds } = feed.figures();
  return { open, lag: String(lagPositions), lagSeconds };
}
