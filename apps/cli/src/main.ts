#!/usr/bin/env node
import { run } from './program';

/** From now on Ctrl-C does not end the process: who asked for this ends what it has under way. */
function interruption(): AbortSignal {
  const stop = new AbortController();
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
    process.on(signal, () => {
      stop.abort();
    });
  }
  return stop.signal;
}

// Whoever reads the output may stop reading: then there is nobody left to write to.
process.stdout.on('error', () => {
  process.exit(0);
});

void run(process.argv.slice(2), {
  env: process.env,
  stdout: process.stdout,
  stderr: process.stderr,
  interruption,
}).then((code) => {
  process.exitCode = code;
});
