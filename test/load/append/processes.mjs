import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';

const WORKER = fileURLToPath(new URL('worker.mjs', import.meta.url));

/**
 * Starts a candidate in a process of its own.
 * @returns {Promise<{name: string, ask: (job: string, details?: object) => Promise<any>, close: () => Promise<void>}>}
 */
export async function startCandidate(name, url, options = {}) {
  const child = fork(WORKER, [name, url, JSON.stringify(options)], {
    execArgv: ['--max-semi-space-size=64'],
  });
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
  await answer();
  const ask = (job, details = {}) => {
    child.send({ job, ...details });
    return answer();
  };
  return {
    name,
    ask,
    close: async () => {
      await ask('close');
      if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
    },
  };
}
