import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

/**
 * Starts a candidate in a process of its own.
 * @returns {Promise<{name: string, ask: (job: string, details?: object) => Promise<any>, close: () => Promise<void>}>}
 */
export async function startCandidate(name, url, options = {}) {
  const { ask, ended } = await startHelper(name, WORKER, [name, url, JSON.stringify(options)]);
  return {
    name,
    ask: (job, details = {}) => ask({ job, ...details }),
    close: async () => {
      await ask({ job: 'close' });
      await ended;
    },
  };
}

/**
 * Starts a script that answers each message with `{result}` or `{error}`, and says a first `{result}` when it is ready.
 * It ends with this process at the latest.
 * @param {number} [semiSpaceMegabytes] as `npm start` has it, unless told otherwise
 * @returns {Promise<{ask: (message: object) => Promise<any>, ended: Promise<void>, kill: () => void}>}
 */
export async function startHelper(name, script, args, semiSpaceMegabytes = 64) {
  const child = fork(script, args, { execArgv: [`--max-semi-space-size=${semiSpaceMegabytes}`] });
  const ended = new Promise((resolve) => child.once('exit', () => resolve()));
  const answer = () =>
    new Promise((resolve, reject) => {
      const onExit = (code) => reject(new Error(`the process of ${name} ended with ${code}`));
      child.once('exit', onExit);
      child.once('message', ({ result, error }) => {
        child.off('exit', onExit);
        if (error) reject(new Error(`${name}: ${error}`));
        else resolve(result);
      });
    });
  const kill = () => child.kill();
  process.once('exit', kill);
  child.once('exit', () => process.off('exit', kill));
  await answer();
  return {
    ask: (message) => {
      child.send(message);
      return answer();
    },
    ended,
    kill,
  };
}
