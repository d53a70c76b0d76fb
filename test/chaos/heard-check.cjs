'use strict';

/** What has to be right about an event. */
const told = ({ id, type, subject, position, revision }) => [id, type, subject, position, revision].join(' ');

/** What an event of changes alone changes, under the names of its contract. */
const CHANGES = new Map([
  ['customer-profile-updated.v1', ({ changes }) => changes],
  ['customer-profile-corrected.v1', ({ changes }) => changes],
  ['deal-revised.v1', (data) => data],
  ['product-revised.v1', ({ externalRef, ...data }) => (externalRef ? { code: externalRef, ...data } : data)],
]);

/**
 * The public events of a log, as subscribers have to be told of them: those with a contract, but for changes of nothing
 * that the contract knows.
 * @param {readonly {stream: string, type: string, id: string, revision: number, position: string, data: string}[]} log
 *   in order; `data` is JSON
 * @param {readonly {contract: string, schema: {properties?: object}}[]} contracts
 */
function publicOf(log, contracts) {
  const known = new Map(contracts.map(({ contract, schema }) => [contract, schema.properties ?? {}]));
  const isTold = ({ type, data }) => {
    if (!known.has(type)) return false;
    const changes = CHANGES.get(type)?.(JSON.parse(data));
    return changes === undefined || Object.keys(changes).some((field) => field in known.get(type));
  };
  return log.filter(isTold).map(({ stream, type, id, revision, position }) => ({
    ...{ id: `${id}.${type}`, type: `guanxi.${type}`, subject: stream, position, revision },
  }));
}

/**
 * Holds what a reader of the feed has kept against what there is: each event once, in the order of the log.
 * @param {readonly object[]} wanted by `publicOf` @param {readonly object[]} held in the order in which they were kept
 */
function checkFeed(wanted, held) {
  return compare([[wanted.map(told), held.map(told)]]);
}

/**
 * Holds what a receiver of webhooks has kept against what there is. It drops what comes again under the same
 * webhook-id; what is left has to be each event once, in the order of its key.
 * @param {readonly object[]} wanted @param {readonly {hook: string}[]} received in the order in which they were kept
 */
function checkHook(wanted, received) {
  const first = new Map();
  const words = [];
  for (const message of received) {
    const before = first.get(message.hook);
    if (before === undefined) first.set(message.hook, message);
    else if (told(before) !== told(message))
      words.push(`${message.hook} was ${told(before)}, and then ${told(message)}`);
  }
  const kept = byKey([...first.values()]);
  const expected = byKey(wanted);
  const keys = [...new Set([...expected.keys(), ...kept.keys()])];
  const found = compare(keys.map((key) => [expected.get(key) ?? [], kept.get(key) ?? []]));
  return { ...found, dropped: received.length - first.size, words: [...words, ...found.words] };
}

function byKey(events) {
  const keys = new Map();
  for (const event of events) {
    if (!keys.has(event.subject)) keys.set(event.subject, []);
    keys.get(event.subject).push(told(event));
  }
  return keys;
}

/** @param {readonly [wanted: readonly string[], held: readonly string[]][]} sequences each of which has an order */
function compare(sequences) {
  const sums = { missing: 0, doubled: 0, unknown: 0, disordered: 0 };
  const words = [];
  const say = (what, event) => void (words.length < 10 && words.push(`${what}: ${event}`));
  for (const [wanted, held] of sequences) {
    const places = new Map(wanted.map((event, index) => [event, index]));
    const once = new Set();
    let furthest = -1;
    for (const event of held) {
      const place = places.get(event);
      if (once.has(event)) {
        sums.doubled += 1;
        say('doubled', event);
      } else if (place === undefined) {
        sums.unknown += 1;
        say('unknown', event);
      } else if (place < furthest) {
        sums.disordered += 1;
        say('out of order', event);
      } else furthest = place;
      once.add(event);
    }
    for (const event of wanted) {
      if (once.has(event)) continue;
      sums.missing += 1;
      say('missing', event);
    }
  }
  return { ...sums, words };
}

module.exports = { checkFeed, checkHook, publicOf };
