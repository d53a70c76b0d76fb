import { randomUUID } from 'node:crypto';
import { join } from 'node:path';
import { instantOf } from '@guanxi/kernel';
import { Client } from 'pg';
import { someEvent } from '../event-store/kit';
import { testDatabase } from '../../support/postgres';
import type { Candidate } from './candidate';
import { openStore } from './candidate';
import { Followers } from './followers';
import type { Verdict } from './judge';
import { describeVerdict, judge } from './judge';
import { openLongTransactions } from './long-transactions';
import type { Attempt, Place } from './observations';
import { OtherProcess } from './processes';
import { Scenes } from './scenes';
import type { Worker } from './worker';
import { attempt } from './writers';

/** How much is written. */
export interface Load {
  readonly processes: number;
  readonly writersPerProcess: number;
  readonly appendsPerWriter: number;
}

interface Crew {
  readonly writers: readonly OtherProcess<Worker>[];
  readonly there: OtherProcess<Worker>;
  readonly here: Followers;
  readonly scenes: Scenes;
}

/**
 * Has many writers in several processes write to a store, while unrelated transactions are open on its database and
 * on another one of the same server, and readers and subscribers follow from the start and from the middle, here and
 * in another process. Then compares what was acknowledged with what was seen and with what is there.
 */
export async function askOracle(candidate: Candidate, load: Load): Promise<Verdict> {
  const [database, otherDatabase] = [await testDatabase(), await testDatabase()];
  const { url } = database;
  const worker = (): OtherProcess<Worker> => OtherProcess.start<Worker>(join(__dirname, 'worker.ts'));
  const writers = Array.from({ length: load.processes }, worker);
  const there = worker();
  try {
    await candidate.prepare(url);
    const endId = randomUUID();
    const address = { candidate: candidate.name, url };
    const opening = writers.map((process) =>
      process.call('openWriters', address, load.writersPerProcess, load.appendsPerWriter),
    );
    await Promise.all([...opening, there.call('openFollowers', address, endId)]);
    const store = openStore(candidate, url, 'oracle', 8);
    const scenes = new Scenes(candidate, url);
    const long = await openLongTransactions([url, otherDatabase.url]);
    try {
      await scenes.prepare();
      const here = new Followers(store, 'this process', endId);
      const attempts = await write({ writers, there, here, scenes });
      attempts.push(await appendTheEnd(candidate, url, endId));
      await Promise.all([here.lapWhileOpen(), there.call('lapWhileOpen')]);
      await long.end();
      const sightings = (await Promise.all([here.finish(), there.call('finish')])).flat();
      const content = await contentOf(candidate, url);
      const verdict = judge({ attempts, sightings, content, gapless: candidate.gapless });
      process.stdout.write(`ordering oracle, ${describeVerdict(candidate.name, verdict)}\n`);
      return verdict;
    } finally {
      await Promise.all([long.end(), scenes.close(), store.close()]);
    }
  } finally {
    await Promise.all([...writers, there].map((process) => process.end()));
    await Promise.all([database.drop(), otherDatabase.drop()]);
  }
}

/** Lets everybody loose; resolves when all writers are done. */
async function write({ writers, there, here, scenes }: Crew): Promise<Attempt[]> {
  const follow = async (after: bigint): Promise<void> => {
    here.start(after);
    await there.call('start', after);
  };
  await follow(0n);
  const fromTheMiddle = Promise.any(writers.map((process) => process.call('reachesHalf'))).then(follow);
  const [played, ...written] = await Promise.all([
    scenes.play(() => here.lap()),
    ...writers.map((process) => process.call('write')),
  ]);
  await fromTheMiddle;
  return [...played, ...written.flat()];
}

/** An append by which subscribers know that nothing comes any more. */
async function appendTheEnd(candidate: Candidate, url: string, id: string): Promise<Attempt> {
  const store = openStore(candidate, url, 'oracle-end', 2);
  try {
    const events = [{ ...someEvent(0), id }];
    return await attempt(store, 'end', [{ stream: 'own-end', expected: 'new', events }]);
  } finally {
    await store.close();
  }
}

/** What lies in the table: past the store, whose reading is under test as well. */
async function contentOf({ table }: Candidate, connectionString: string): Promise<readonly Place[]> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{
      id: string;
      stream: string;
      revision: number;
      position: string;
      at: Date;
    }>(`select id, stream, revision, position, recorded_at as at from ${table} order by position`);
    return rows.map(({ at, position, ...row }) => ({
      ...row,
      position: BigInt(position),
      recordedAt: instantOf(at),
    }));
  } finally {
    await client.end();
  }
}
