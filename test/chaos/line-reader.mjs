/**
 * Reads the feed as lines by long poll, as its guide tells to: keeps the events of an answer together with the place of
 * the next one, and asks again. Runs until it is killed.
 */
import { setTimeout as delay } from 'node:timers/promises';
import { eventOf, fail, journal, SUBSCRIBER_KEY, SUBSCRIBER_URL } from './subscriber.mjs';

const AGAIN_MS = 100;
const LIMIT = 100;
const WAIT_SECONDS = 10;
const REQUEST_MS = 30_000;
/** Answers that say that the feed is not to be had right now. */
const PASSING = new Set([429, 503, 504]);

let place = journal.last?.place ?? '0';
for (;;) if (!(await ask())) await delay(AGAIN_MS);

/** @returns {Promise<boolean>} whether there was an answer, whole */
async function ask() {
  const query = new URLSearchParams({ after: place, limit: LIMIT, wait: WAIT_SECONDS });
  let status;
  let text;
  let next;
  try {
    const answer = await fetch(`${SUBSCRIBER_URL}/v1/feed?${query}`, {
      headers: { accept: 'application/x-ndjson', authorization: `Bearer ${SUBSCRIBER_KEY}` },
      signal: AbortSignal.timeout(REQUEST_MS),
    });
    status = answer.status;
    next = answer.headers.get('guanxi-next-after');
    text = await answer.text();
  } catch {
    return false; // Nobody answers, or the answer broke off: what came of it counts for nothing.
  }
  if (PASSING.has(status)) return false;
  if (status !== 200 || next === null) fail(`the feed answered ${status}: ${text}`);
  const lines = text.split('\n').filter((line) => line !== '');
  if (lines.length > 0 || next !== place)
    journal.keep({ place: next, events: lines.map((line) => eventOf(JSON.parse(line))) });
  place = next;
  return true;
}
