/**
 * Reads the feed as server-sent events, as its guide tells to: keeps each event together with the id behind which it
 * goes on, and connects again with that id whenever the connection ends. Runs until it is killed.
 */
import { request } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { eventOf, fail, journal, SUBSCRIBER_KEY, SUBSCRIBER_URL } from './subscriber.mjs';

const AGAIN_MS = 100;
/** The feed says something at least every 15 s. */
const SILENT_MS = 30_000;
/** Answers that say that the feed is not to be had right now. */
const PASSING = new Set([429, 503, 504]);

let place = journal.last?.place;
for (;;) {
  await readOn();
  await delay(AGAIN_MS);
}

/** Reads until the connection ends. */
function readOn() {
  const headers = { accept: 'text/event-stream', authorization: `Bearer ${SUBSCRIBER_KEY}` };
  if (place !== undefined) headers['last-event-id'] = place;
  return new Promise((resolve) => {
    const asked = request(`${SUBSCRIBER_URL}/v1/feed`, { headers, agent: false, timeout: SILENT_MS });
    asked.on('timeout', () => asked.destroy());
    asked.on('error', resolve).on('close', resolve);
    asked.once('response', (answer) => {
      answer.setEncoding('utf8').on('error', resolve);
      if (answer.statusCode === 200) answer.on('data', taker());
      else refused(answer);
    });
    asked.end();
  });
}

function refused(answer) {
  let text = '';
  answer.on('data', (chunk) => (text += chunk));
  answer.once('end', () => {
    if (!PASSING.has(answer.statusCode)) fail(`the feed answered ${answer.statusCode}: ${text}`);
  });
}

/** Takes what comes over one connection; a block that is not whole when it ends counts for nothing. */
function taker() {
  let rest = '';
  return (chunk) => {
    const blocks = `${rest}${chunk}`.split('\n\n');
    rest = blocks.pop();
    const events = [];
    let at = place;
    for (const block of blocks) {
      const { id, data } = fieldsOf(block);
      at = id ?? at;
      if (data !== undefined) events.push(eventOf(JSON.parse(data)));
    }
    if (at === place && events.length === 0) return;
    journal.keep({ place: at, events });
    place = at;
  };
}

function fieldsOf(block) {
  const fields = {};
  for (const line of block.split('\n')) {
    const [, name, value] = /^([^:]*):? ?(.*)$/.exec(line);
    if (name !== '') fields[name] = value;
  }
  return fields;
}
