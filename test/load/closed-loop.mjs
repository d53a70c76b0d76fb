import { roundOf } from './figures.mjs';

/**
 * Keeps `concurrency` operations going for a while, each caller beginning its next one when its last has ended.
 * What ends while warming up is not counted, nor what ends after the time.
 *
 * @param {(caller: number) => Promise<void>} operation
 * @returns {Promise<{rate: number, p50: number, p99: number, all: number, cpuMs: number}>} `all` counts warming up too,
 *   as does the processor time of this process
 */
export async function closedLoop(operation, { concurrency, warmUpMs, ms }) {
  const begun = performance.now() + warmUpMs;
  const end = begun + ms;
  const times = [];
  const cpu = process.cpuUsage();
  let all = 0;
  const call = async (caller) => {
    for (let now = performance.now(); now < end;) {
      const start = now;
      await operation(caller);
      now = performance.now();
      all += 1;
      if (now >= begun && now < end) times.push(now - start);
    }
  };
  await Promise.all(Array.from({ length: concurrency }, (_, caller) => call(caller)));
  const { user, system } = process.cpuUsage(cpu);
  return { ...roundOf(times, ms), all, cpuMs: (user + system) / 1_000 };
}
