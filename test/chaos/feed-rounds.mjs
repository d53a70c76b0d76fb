import { setTimeout as delay } from 'node:timers/promises';
import { until } from './worker-processes.mjs';

/** A kill comes when so much of a round's share is written, in hundredths. */
const KILL_AT = { least: 15, most: 60 };
/** Commands come in bursts; a kill may come at any moment between two. */
const BURST_MS = 100;

/**
 * What is killed, in turns; each returns how many processes that were.
 * @type {Record<string, (parts: object) => Promise<number>>}
 */
const KINDS = {
  'the stream reader killed': ({ subscribers }) => killTwice(subscribers.stream),
  'the receiver killed': async ({ subscribers: { receiver } }) => {
    await receiver.kill();
    receiver.start();
    return 1;
  },
  'the product killed': ({ crew }) => killProduct(crew),
  'the line reader killed': ({ subscribers }) => killTwice(subscribers.lines),
  'the database killed': async ({ crew }) => {
    await crew.server.kill();
    await crew.server.start();
    return 1;
  },
  'the product and all who listen killed': async ({ crew, subscribers }) => {
    const kills = subscribers.all.map((each) => each.kill());
    const product = killProduct(crew);
    await Promise.all(kills);
    for (const each of subscribers.all) each.start();
    return kills.length + (await product);
  },
};

export const kindOf = (number) => {
  const names = Object.keys(KINDS);
  return names[(number - 1) % names.length];
};

/**
 * One round: while commands come in, something is killed and started again.
 * @param {string} kind
 * @param {{crew: import('./worker-crew.mjs').WorkerCrew, subscribers: import('./subscribers.mjs').Subscribers}} parts
 * @param {number} share events to append meanwhile, at least
 * @returns {Promise<{goingOnMs: number, kills: number}>} after how long everybody was told of all that had been appended
 *   when it was killed
 */
export async function playRound(kind, parts, share) {
  const { crew, subscribers } = parts;
  const from = Number(await crew.head());
  const killAt = KILL_AT.least + Math.random() * (KILL_AT.most - KILL_AT.least);
  await written(crew, from + (share * killAt) / 100);
  await delay(Math.random() * BURST_MS);
  const head = await crew.head();
  const begun = performance.now();
  const kills = await KINDS[kind](parts);
  await subscribers.heard(head);
  const goingOnMs = performance.now() - begun;
  await written(crew, from + share);
  return { goingOnMs, kills };
}

/** Positions have no gaps: the last one is the number of events. */
const written = (crew, events) =>
  until(`${Math.ceil(events)} events were written`, async () => (await crew.head()) >= events, 600_000);

/** A second time while it reads what it missed. */
async function killTwice(reader) {
  await reader.kill();
  reader.look();
  const before = reader.held.length;
  reader.start();
  await until(`${reader.name} went on`, () => {
    reader.look();
    return reader.held.length > before;
  });
  await reader.kill();
  reader.start();
  return 2;
}

async function killProduct(crew) {
  await crew.api.kill();
  await crew.start(0);
  return 1;
}
