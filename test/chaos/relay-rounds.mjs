import { until } from './worker-processes.mjs';

/** A kill comes when so much of a round's share is written, in hundredths. */
const KILL_AT = { least: 15, most: 60 };
/** The database session that gives a worker the right to relay is the one that holds this lock. */
const RELAY_LOCK = 7_241_601;
/** So long a zombie has to notice what has become of it. */
const AWAKE_MS = 3_000;
/** What a worker says when the broker has refused what it wanted to write. */
const FENCED = /old epoch|fenced|another relay has taken over/i;

/** What is killed or halted, in turns. @type {Record<string, (parts: object) => Promise<{fenced?: boolean} | void>>} */
const KINDS = {
  async 'the relay killed'({ crew }) {
    await killRelay(crew);
  },

  async 'the broker killed'({ broker }) {
    await broker.kill();
    await broker.start();
  },

  async 'the relay halted'({ crew }) {
    const zombie = await relaying(crew);
    zombie.halt();
    crew.leave(zombie);
    try {
      // Its machine hangs, and the database has given it up. All else it still has: it can go on as if nothing were.
      const [{ ended }] = await crew.rows(
        `select count(pg_terminate_backend(pid))::integer as ended from pg_locks join pg_stat_activity using (pid)
          where locktype = 'advisory' and objid = $1 and usename = $2`,
        [RELAY_LOCK, zombie.role],
      );
      if (ended !== 1) throw new Error(`${zombie.role} relays without the right to`);
      const head = await crew.head();
      await until('another one relayed', async () => {
        const { pid, position } = await standing(crew);
        return pid !== zombie.pid && position >= head;
      });
    } finally {
      zombie.goOn();
      crew.workers.push(zombie);
    }
    const fenced = until('the zombie was fenced', () => FENCED.test(zombie.told), AWAKE_MS);
    return {
      fenced: await fenced.then(
        () => true,
        () => false,
      ),
    };
  },

  async 'the relay and the broker killed'({ crew, broker }) {
    await Promise.all([killRelay(crew), broker.kill()]);
    await broker.start();
  },
};

export const kindOf = (number) => {
  const names = Object.keys(KINDS);
  return names[(number - 1) % names.length];
};

/**
 * One round: events are appended, and in the midst of it something is killed.
 * @param {string} kind
 * @param {{crew: import('./worker-crew.mjs').WorkerCrew, broker: import('./broker.mjs').Broker,
 *   writer: import('./deal-writer.mjs').DealWriter}} parts
 * @param {number} share events to append meanwhile
 * @returns {Promise<{goingOnMs: number, fenced: boolean}>} after how long all was published that had been appended when
 *   it was killed
 */
export async function playRound(kind, parts, share) {
  const { crew, writer } = parts;
  const killAt = KILL_AT.least + Math.random() * (KILL_AT.most - KILL_AT.least);
  const from = writer.written;
  const writing = writer.write(share);
  // Heard below.
  writing.catch(() => undefined);
  await until('so much was written', () => writer.written - from >= (share * killAt) / 100);
  await relaying(crew);
  const head = await crew.head();
  const begun = performance.now();
  const { fenced = false } = (await KINDS[kind](parts)) ?? {};
  await published(crew, head);
  const goingOnMs = performance.now() - begun;
  await writing;
  return { goingOnMs, fenced };
}

/** Waits until everything up to a position is published. */
export const published = (crew, head) =>
  until(`everything up to ${head} was published`, async () => (await standing(crew)).position >= head);

/** How the relay says it stands. */
async function standing(crew) {
  const [kept] = await crew.rows('select holder, phase, position::text from ops.relay');
  const pid = Number(kept?.holder.split(':').at(-1));
  return { pid, phase: kept?.phase, position: BigInt(kept?.position ?? 0) };
}

/** The worker that relays. */
async function relaying(crew) {
  let worker;
  await until('one relayed', async () => {
    const { pid, phase } = await standing(crew);
    worker = phase === 'relaying' ? crew.workers.find((each) => each.pid === pid) : undefined;
    return worker !== undefined;
  });
  return worker;
}

/** Another worker comes in its place, while the one that stood by takes over. */
async function killRelay(crew) {
  const victim = await relaying(crew);
  crew.leave(victim);
  await victim.kill();
  await crew.join();
}
