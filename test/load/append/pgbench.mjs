import { execFile } from 'node:child_process';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { roundOf } from '../figures.mjs';
import { sample } from './sample.mjs';

const PLACES = '/usr/lib/postgresql';

/** The program, if this machine has it. */
export function findPgbench() {
  const versions = existsSync(PLACES) ? readdirSync(PLACES).sort((a, b) => b - a) : [];
  const folders = [
    ...(process.env.PATH ?? '').split(delimiter),
    ...versions.map((version) => join(PLACES, version, 'bin')),
  ];
  return folders.map((folder) => join(folder, 'pgbench')).find((file) => existsSync(file));
}

/** The inserts of the raw candidate into new streams, by PostgreSQL's own program in C instead of Node. */
export function pgbench(program, url, connections) {
  const { id, type, occurredAt, data, metadata } = sample();
  const script = `insert into raw_events
    (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
    values (nextval('raw_position'), 'account-' || gen_random_uuid(), 0, '${id}', '${type}', '${occurredAt}',
            clock_timestamp(), '${JSON.stringify(data)}', '${JSON.stringify(metadata)}');`;
  const { hostname, port, username, password, pathname } = new URL(url);
  return {
    name: 'pgbench',
    ask: async (_job, { concurrency, warmUpMs, ms }) => {
      const dir = mkdtempSync(join(tmpdir(), 'guanxi-bench-'));
      const file = join(dir, 'insert.sql');
      // A statement stands on one line, and a colon before a letter begins a variable.
      writeFileSync(file, script.replace(/\s+/g, ' '));
      const clients = Math.min(concurrency, connections);
      const seconds = Math.max(1, Math.round((warmUpMs + ms) / 1_000));
      const args = [
        '-n',
        '-M',
        'prepared',
        '-f',
        file,
        '-c',
        clients,
        '-j',
        Math.min(clients, 2),
        '-T',
        seconds,
      ];
      const where = ['-h', hostname, '-p', port, '-U', username, '-l', '--log-prefix', join(dir, 'log')];
      try {
        const env = { ...process.env, PGPASSWORD: password };
        const text = await run(program, [...args, ...where, pathname.slice(1)].map(String), env);
        const rate = Number(/tps = ([\d.]+)/.exec(text)?.[1]);
        if (!(rate > 0)) throw new Error(`pgbench gave no rate: ${text}`);
        const times = timesIn(dir);
        return { ...roundOf(times, seconds * 1_000), rate, all: times.length };
      } finally {
        rmSync(dir, { recursive: true, force: true });
      }
    },
    close: async () => undefined,
  };
}

/** Milliseconds of each transaction, from the logs (one a thread) where the third field is microseconds. */
const timesIn = (dir) =>
  readdirSync(dir)
    .filter((name) => name.startsWith('log'))
    .flatMap((name) => readFileSync(join(dir, name), 'utf8').trim().split('\n'))
    .map((line) => Number(line.split(' ')[2]) / 1_000);

const run = (program, args, env) =>
  new Promise((resolve, reject) => {
    execFile(program, args, { env }, (error, stdout, stderr) => {
      if (error) reject(new Error(`pgbench: ${stderr}`));
      else resolve(stdout);
    });
  });
