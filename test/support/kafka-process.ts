import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';

const SCRIPT = join(__dirname, '../../infra/kafka/kafka.mjs');

/** A broker of a test's own. */
export interface TestKafka {
  /** Stays the same over `kill` and `restart`. */
  readonly brokers: readonly string[];
  /** Ends it for good and removes its data. Stop the clients first: they would try to connect again and again. */
  stop(): Promise<void>;
  /** Ends it as a crash does (kill -9) and waits until it has ended; `restart` brings it back. */
  kill(): Promise<void>;
  /** Starts it again on its port and its data, after a proper stop if it still runs; waits until it serves. */
  restart(): Promise<void>;
}

/** What a test's own broker has beside what every one has. */
export interface TestKafkaOptions {
  /** Settings of the broker; listeners come beside its own. */
  readonly settings?: string;
  /** `name:password` each, for SCRAM. */
  readonly scramUsers?: readonly string[];
}

/** Starts a broker on a free port of the loopback address, with data of its own; takes some five seconds. */
export async function testKafka({ settings, scramUsers = [] }: TestKafkaOptions = {}): Promise<TestKafka> {
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-kafka-'));
  const broker = join(dir, 'broker');
  const guard = guardOver(dir);
  const release = async (): Promise<void> => {
    const ended = once(guard, 'exit');
    // Now it is waited for: else a process that has nothing left to do but this would end before.
    guard.ref();
    guard.stdin?.end();
    if (guard.exitCode === null) await ended;
    rmSync(dir, { recursive: true, force: true });
  };
  const more = scramUsers.flatMap((user) => ['--scram-user', user]);
  if (settings !== undefined) {
    const file = join(dir, 'more.properties');
    writeFileSync(file, settings);
    more.push('--settings', file);
  }
  try {
    const address = await kafka('start', '--port', '0', '--dir', broker, ...more);
    const port = address.slice(address.lastIndexOf(':') + 1);
    return {
      brokers: [address],
      stop: release,
      kill: async () => void (await kafka('stop', '--now', '--dir', broker)),
      restart: async () => {
        await kafka('stop', '--dir', broker);
        await kafka('start', '--port', port, '--dir', broker, ...more);
      },
    };
  } catch (error) {
    await release();
    throw error;
  }
}

async function kafka(...args: readonly string[]): Promise<string> {
  try {
    const { stdout } = await promisify(execFile)(process.execPath, [SCRIPT, ...args]);
    return stdout.trim();
  } catch (error) {
    const said = error instanceof Error && 'stderr' in error ? String(error.stderr).trim() : String(error);
    throw new Error(`kafka ${args[0] ?? ''}: ${said}`, { cause: error });
  }
}

/** Ends the broker and removes its data when told so, or when this process is killed: nothing else of it could. */
function guardOver(dir: string): ChildProcess {
  const guard = spawn(process.execPath, [join(__dirname, 'kafka-guard.mjs'), dir], {
    stdio: ['pipe', 'ignore', 'ignore'],
    detached: true,
    cwd: '/',
  });
  guard.unref();
  if (guard.stdin !== null && 'unref' in guard.stdin && typeof guard.stdin.unref === 'function')
    guard.stdin.unref();
  return guard;
}
