/**
 * Receives webhooks as their guide tells to: checks the signature, keeps what came, and answers only then. Doubles are
 * kept as well: whoever looks at what was kept drops them by their id. Runs until it is killed.
 */
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import { eventOf, fail, journal, SUBSCRIBER_KEY, SUBSCRIBER_PORT } from './subscriber.mjs';

/** Answers come so much later than what they answer was kept, at most: kills fall in between, and make doubles. */
const ANSWER_MS = 20;
const OFF_SECONDS = 300;

const secret = Buffer.from(SUBSCRIBER_KEY.slice('whsec_'.length), 'base64');
let waiting = [];

createServer((request, response) => {
  const chunks = [];
  request.on('data', (chunk) => chunks.push(chunk));
  // A sender that was killed left no message.
  request.on('error', () => undefined);
  request.once('end', () => take(request.headers, Buffer.concat(chunks).toString('utf8'), response));
})
  .once('error', (error) => fail(error.message))
  .listen(Number(SUBSCRIBER_PORT), '127.0.0.1', () => process.stdout.write('listens\n'));

function take(headers, body, response) {
  if (!isSigned(headers, body)) fail(`a message came that was not signed: ${headers['webhook-id']}`);
  waiting.push({ message: { hook: headers['webhook-id'], ...eventOf(JSON.parse(body)) }, response });
  if (waiting.length === 1) setImmediate(keep);
}

/** What came at once goes to the disk at once. */
function keep() {
  const taken = waiting;
  waiting = [];
  journal.keep({ events: taken.map(({ message }) => message) });
  for (const { response } of taken)
    void delay(Math.random() * ANSWER_MS).then(() => response.writeHead(204).end());
}

/** As Standard Webhooks has it, and nothing of the product's own. */
function isSigned(headers, body) {
  const { 'webhook-id': id, 'webhook-timestamp': timestamp, 'webhook-signature': signatures = '' } = headers;
  if (!(Math.abs(Date.now() / 1_000 - Number(timestamp)) < OFF_SECONDS)) return false;
  const wanted = createHmac('sha256', secret).update(`${id}.${timestamp}.${body}`).digest();
  return signatures.split(' ').some((each) => {
    const [version, told = ''] = each.split(',');
    const bytes = Buffer.from(told, 'base64');
    return version === 'v1' && bytes.length === wanted.length && timingSafeEqual(bytes, wanted);
  });
}
