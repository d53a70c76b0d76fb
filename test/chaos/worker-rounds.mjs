import { setTimeout as delay } from 'node:timers/promises';
import { until } from './worker-processes.mjs';

/** What happens to workers, in turns. */
export const KINDS = [
  'a worker killed',
  'a worker halted',
  'the server killed',
  'a worker stopped',
  'two killed',
];
/** Commands that go in before anything happens, so that it happens to workers at work. */
const WRITE_BEFORE = { least: 50, most: 400 };

/**
 * One round: something happens to a worker, or to all, while commands come in; the others take over.
 * @param {string} kind one of KINDS
 * @param {import('./worker-crew.mjs').WorkerCrew} crew
 * @param {() => number} commands how many were carried out so far
 * @returns {Promise<{heldMs: number, foldedMs: number}>} until all shards were in other hands, and had gone on
 */
export async function playRound(kind, crew, commands) {
  const enough =
    commands() + WRITE_BEFORE.least + Math.floor(Math.random() * (WRITE_BEFORE.most - WRITE_BEFORE.least));
  await until('commands went in', () => commands() >= enough);
  switch (kind) {
    case 'a worker halted':
      return halted(crew);
    case 'the server killed':
      return serverKilled(crew);
    case 'a worker stopped':
      return ended(crew, [crew.any()], (worker) => worker.stop());
    case 'two killed':
      return ended(crew, crew.workers.slice(0, 2), (worker) => worker.kill());
    default:
      return ended(crew, [crew.any()], (worker) => worker.kill());
  }
}

/** Workers end, by their own will or not; as many others begin. */
async function ended(crew, workers, end) {
  const names = (await Promise.all(workers.map((worker) => crew.namesOf(worker)))).flat();
  await Promise.all(workers.map(end));
  const times = await crew.takenOver(names, await crew.head());
  for (const worker of workers) {
    crew.leave(worker);
    await crew.join();
  }
  return times;
}

/** A worker is halted, as a suspended machine is, and goes on when others have taken its place. */
async function halted(crew) {
  const worker = crew.any();
  const names = await crew.namesOf(worker);
  worker.halt();
  const times = await crew.takenOver(names, await crew.head());
  await delay(Math.random() * 1_000);
  worker.goOn();
  await until(`${worker.role} was back`, async () => {
    const now = await crew.namesOf(worker);
    return now.some((name) => !names.includes(name)) && (await crew.heldBy(worker)) > 0;
  });
  return times;
}

async function serverKilled(crew) {
  const before = (await Promise.all(crew.workers.map((worker) => crew.namesOf(worker)))).flat();
  const head = await crew.head();
  await crew.server.kill();
  await crew.server.start();
  return crew.takenOver(before, head);
}
