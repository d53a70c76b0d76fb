import { execFile } from 'node:child_process';
import type { RunUser } from './run-user';

/** How every PostgreSQL program is started: none of our environment (PGPORT, PGDATA, secrets), no directory of ours. */
export function surroundings(runAs: RunUser | undefined): {
  cwd: string;
  env: NodeJS.ProcessEnv;
  uid?: number;
  gid?: number;
} {
  return {
    cwd: '/',
    env: { PATH: process.env['PATH'] ?? '/usr/local/bin:/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' },
    ...(runAs !== undefined && { uid: runAs.uid, gid: runAs.gid }),
  };
}

/** Runs a program to its end. @returns what it wrote; @throws with what it wrote to stderr as the message */
export function run(program: string, args: readonly string[], runAs: RunUser | undefined): Promise<string> {
  return new Promise((resolve, reject) => {
    execFile(program, [...args], surroundings(runAs), (error, stdout, stderr) => {
      if (error === null) resolve(stdout);
      else reject(new Error(stderr.trim() || error.message, { cause: error }));
    });
  });
}
