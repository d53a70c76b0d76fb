import type { Config, Role } from '../config/config';
import { loadConfig } from '../config/config';
import { ConfigError } from '../config/config-error';
import type { Context } from '../context';
import { DatabaseError } from '../database/database-error';
import { EmbeddedPostgresError } from '../embedded-postgres/errors';
import { describeError } from '../logging/describe-error';
import { JsonLog } from '../logging/json-log';
import { StartError } from './start-error';
import type { Product } from './start-product';
import { startProduct } from './start-product';

const USUAL_URL = 'http://127.0.0.1:3000';

/** What an app's process runs. */
export interface ProcessOptions {
  readonly contexts: readonly Context[];
  /** Takes the place of GUANXI_ROLE. */
  readonly role?: Role;
}

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const complain = (line: string): void => {
  process.stderr.write(`${line}\n`);
};

/** Runs the product until a signal ends it; exit code 0 after a clean stop, 1 when it could not start or broke. */
export async function runProcess({ contexts, role }: ProcessOptions): Promise<void> {
  let stop: (() => void) | undefined;
  const stopWanted = new Promise<'stop'>((resolve) => {
    stop = () => {
      resolve('stop');
    };
  });
  let signals = 0;
  const onSignal = (): void => {
    signals += 1;
    if (signals > 1) process.exit(1);
    stop?.();
  };
  process.on('SIGINT', onSignal).on('SIGTERM', onSignal);
  try {
    const loaded = loadConfig(process.env);
    const config: Config = role === undefined ? loaded : { ...loaded, role };
    const log = new JsonLog(config.logLevel, (lines) => process.stderr.write(lines));
    const product = await startProduct({
      config,
      contexts,
      log,
      say,
    });
    // Counted from the start of the process: loading the code is part of the wait.
    greet(product, config, performance.now() / 1_000);
    const end = await Promise.race([stopWanted, product.failed]);
    if (end !== 'stop')
      complain(`The embedded PostgreSQL has ended: ${end}. Start again; what was acknowledged is there.`);
    else say('Stopping.');
    await product.close();
    process.exitCode = end === 'stop' ? 0 : 1;
  } catch (error) {
    complain(messageOf(error));
    process.exitCode = 1;
  }
  // Whatever a library still holds open must not keep a stopped server alive.
  setTimeout(() => process.exit(), 1_000).unref();
}

function greet({ url, admin }: Product, { role }: Config, seconds: number): void {
  if (role === 'worker') {
    say(`Guanxi's worker is ready after ${seconds.toFixed(1)} s; its health is at ${url}/health/ready`);
    return;
  }
  const key =
    admin.file ?? (admin.text === undefined ? 'the one of the first start' : 'the one of GUANXI_ADMIN_KEY');
  // The command line looks at the usual address unless it is told.
  const elsewhere = url === USUAL_URL ? '' : `GUANXI_URL=${url} `;
  say(
    [
      `Guanxi is ready after ${seconds.toFixed(1)} s: ${url}`,
      `  Try it    ${url}/docs`,
      `  Key       ${key}  (Authorization: Bearer KEY)`,
      `  Next      ${elsewhere}npm run guanxi -- --help, or npm run demo for a company with two years of history`,
      '  Ctrl-C stops it; nothing acknowledged is lost.',
    ].join('\n'),
  );
}

/** Errors that are meant for people are shown as they are; others as what they are. */
function messageOf(error: unknown): string {
  if (error instanceof DatabaseError) return `Guanxi cannot start: ${error.message} (${error.code})`;
  if (error instanceof ConfigError || error instanceof StartError || error instanceof EmbeddedPostgresError) {
    return `Guanxi cannot start: ${error.message}`;
  }
  return `Guanxi cannot start because of an unexpected error: ${JSON.stringify(describeError(error))}`;
}
