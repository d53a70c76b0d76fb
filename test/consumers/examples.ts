import type { ChildProcess } from 'node:child_process';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { Client } from 'pg';
import type { Sums } from './won-deals';

const EXAMPLES = join(__dirname, '../../examples/consumers');

/** An example that runs as a process of its own. */
export interface Example {
  /** Resolves when it consumes; rejects with what it said when it ends before. */
  start(): Promise<void>;
  /** kill -9, and waits until it is gone. */
  kill(): Promise<void>;
  /** Asks it to end; resolves with its exit code. */
  stop(): Promise<number | null>;
  /** Waits until it has ended by itself. */
  ended(): Promise<{ readonly code: number | null; readonly said: string }>;
  sums(): Promise<Sums>;
}

/** The one in TypeScript, with its tables in a database. */
export function typescriptExample(settings: {
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly group: string;
  readonly database: string;
  /** Variables beside those above. */
  readonly more?: Readonly<Record<string, string>>;
}): Example {
  const child = new Restartable(
    process.execPath,
    [join(EXAMPLES, 'typescript/run.cjs')],
    {
      KAFKA_BROKERS: settings.brokers.join(','),
      TOPIC: settings.topic,
      GROUP_ID: settings.group,
      DATABASE_URL: settings.database,
      SESSION_MILLISECONDS: '6000',
      ...settings.more,
    },
    'member of group',
  );
  return {
    start: () => child.start(),
    kill: () => child.end('SIGKILL').then(() => undefined),
    stop: () => child.end('SIGTERM'),
    ended: () => child.ended(),
    sums: async () => {
      const client = new Client({ connectionString: settings.database });
      await client.connect();
      try {
        const { rows } = await client.query<Row>(SUMS);
        return sumsOf(rows);
      } finally {
        await client.end();
      }
    },
  };
}

/** The one in Python, with its tables in a file. */
export function pythonExample(
  python: string,
  settings: {
    readonly brokers: readonly string[];
    readonly topic: string;
    readonly file: string;
    readonly batch?: number;
  },
): Example {
  const child = new Restartable(
    python,
    [
      join(EXAMPLES, 'python/won_deals.py'),
      ...['--brokers', settings.brokers.join(','), '--topic', settings.topic],
      ...['--database', settings.file, '--batch', String(settings.batch ?? 50)],
    ],
    {},
    'consuming',
  );
  const read = `import json, sqlite3, sys
db = sqlite3.connect(sys.argv[1])
db.row_factory = sqlite3.Row
try: print(json.dumps([dict(row) for row in db.execute(sys.argv[2])]))
except sqlite3.OperationalError: print("[]")`;
  return {
    start: () => child.start(),
    kill: () => child.end('SIGKILL').then(() => undefined),
    stop: () => child.end('SIGTERM'),
    ended: () => child.ended(),
    sums: async () =>
      sumsOf(JSON.parse(execFileSync(python, ['-c', read, settings.file, SUMS]).toString()) as Row[]),
  };
}

/** A Python that has what the example needs; undefined where there is none. */
export function pythonWithPackages(): string | undefined {
  const candidates = [process.env['PYTHON'], 'python3', '/usr/bin/python3'];
  return candidates.find((python) => {
    if (python === undefined || python === '') return false;
    try {
      execFileSync(python, ['-c', 'import confluent_kafka, jsonschema'], { stdio: 'ignore' });
      return true;
    } catch {
      return false;
    }
  });
}

interface Row {
  readonly customer_id: string;
  readonly currency: string;
  readonly deals: number;
  readonly amount: number | string;
}

/** A customer whose deals were all reopened has a row that says 0. */
const SUMS =
  'select customer_id, currency, deals, amount from won_by_customer where deals <> 0 or amount <> 0';

const sumsOf = (rows: readonly Row[]): Sums =>
  Object.fromEntries(
    rows.map(({ customer_id, currency, deals, amount }) => [
      `${customer_id} ${currency}`,
      { deals, amount: Number(amount) },
    ]),
  );

class Restartable {
  private child: ChildProcess | undefined;
  private said = '';

  constructor(
    private readonly command: string,
    private readonly args: readonly string[],
    private readonly env: Readonly<Record<string, string>>,
    private readonly ready: string,
  ) {}

  async start(): Promise<void> {
    const child = spawn(this.command, [...this.args], {
      env: { ...process.env, ...this.env },
      stdio: ['ignore', 'ignore', 'pipe'],
    });
    this.child = child;
    this.said = '';
    await new Promise<void>((resolve, reject) => {
      child.on('error', reject);
      child.on('exit', (code) => {
        reject(new Error(`it ended with ${code}: ${this.said}`));
      });
      child.stderr?.on('data', (text: Buffer) => {
        this.said += text.toString();
        if (this.said.includes(this.ready)) resolve();
      });
    });
  }

  async ended(): Promise<{ readonly code: number | null; readonly said: string }> {
    const { child } = this;
    if (child?.exitCode === null && child.signalCode === null) await once(child, 'close');
    return { code: child?.exitCode ?? null, said: this.said };
  }

  async end(signal: NodeJS.Signals): Promise<number | null> {
    const { child } = this;
    if (!child) return null;
    if (child.exitCode === null && child.signalCode === null) {
      const exited = once(child, 'exit');
      child.kill(signal);
      await exited;
    }
    return child.exitCode;
  }
}
