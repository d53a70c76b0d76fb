import type { Answer } from '../client/client';
import { isRecord } from '../import/types';
import { type Check, bad, good } from './check';

type Part = Readonly<Record<string, unknown>>;

/**
 * How far relay, feed and each webhook are behind the log, in events and seconds; each says which command is next.
 * @param readiness what the server says of itself
 */
export function downstreamChecks({ downstream }: Answer): readonly Check[] {
  if (!isRecord(downstream)) return [];
  const { relay, feed, webhooks } = downstream;
  const counts = downstream['countsEvents'] !== false;
  return [
    ...(isRecord(relay) ? relayChecks(relay, counts) : []),
    ...(isRecord(feed) ? [feedCheck(feed, counts)] : []),
    ...(Array.isArray(webhooks) ? webhooks : [])
      .filter(isRecord)
      .map((webhook) => webhookCheck(webhook, counts)),
  ];
}

function relayChecks(relay: Part, counts: boolean): readonly Check[] {
  const name = 'Kafka';
  const { phase, reason, parked } = relay;
  const behind = behindInWords(relay, counts);
  const keys = typeof parked === 'number' && parked > 0 ? parked : 0;
  const word = typeof phase === 'string' ? phase : 'never begun';
  const why = typeof reason === 'string' ? `: ${reason}` : '';
  const state =
    relay['up'] === true || phase === 'opening'
      ? good(name, behind)
      : bad(
          name,
          `nothing is published (${word}${why}), ${behind}`,
          '"guanxi publish status" says what it waits for; without a worker: npm start, or GUANXI_ROLE=worker npm start',
        );
  if (keys === 0) return [state];
  const advice = '"guanxi publish status" names event and reason; mended, "guanxi publish retry --all"';
  return [state, bad(name, `${String(keys)} keys are not published`, advice)];
}

function feedCheck(feed: Part, counts: boolean): Check {
  const { open } = feed;
  if (typeof open !== 'number' || open === 0) return good('feed', 'nobody reads it');
  return good('feed', `${String(open)} open, the slowest ${behindInWords(feed, counts)}`);
}

/** A receiver that fails is its owner's fault: told, with what to do, but the product is well. */
function webhookCheck(webhook: Part, counts: boolean): Check {
  const id = String(webhook['webhook']);
  const name = `webhook ${id}`;
  const behind = behindInWords(webhook, counts);
  if (webhook['status'] === 'disabled')
    return { ...good(name, `disabled, ${behind}`), advice: '"guanxi webhooks list" says why' };
  const { waitingKeys } = webhook;
  if (typeof waitingKeys !== 'number' || waitingKeys === 0) return good(name, behind);
  return {
    ...good(name, `${behind}, ${String(waitingKeys)} keys wait after a failure`),
    advice: `"guanxi webhooks deliveries ${id} --status waiting" shows what its receiver answered`,
  };
}

function behindInWords({ lag, lagSeconds }: Part, counts: boolean): string {
  const seconds = typeof lagSeconds === 'number' ? lagSeconds : 0;
  if (String(lag) === '0' && seconds === 0) return 'up to date';
  const age = `${seconds.toFixed(1)} s`;
  return `${counts ? `${String(lag)} events and ${age}` : age} behind`;
}
