/**
 * Answers the jobs that the parent process asks for, one at a time, until `close`.
 * @param {Record<string, (details: object) => unknown>} jobs by name; `close` ends this process's connections
 */
export function serveJobs(jobs) {
  process.on('message', async ({ job, ...details }) => {
    try {
      process.send({ result: (await jobs[job](details)) ?? null });
      if (job === 'close') process.disconnect();
    } catch (error) {
      process.send({ error: error.stack ?? String(error) });
    }
  });
  process.send({ result: 'ready' });
}
