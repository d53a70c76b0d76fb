import type { ServerSettings } from '../client/settings';
import { Failure } from '../failures';
import type { Screen } from '../import/report';
import { Sender } from '../import/send/sender';
import { type Simulation, simulate } from './simulate';

export interface FillSummary {
  readonly commands: number;
  readonly accepted: number;
  readonly unchanged: number;
  readonly refused: number;
  readonly seconds: number;
  readonly perSecond: number;
  /** The first refusals, in words; a simulation is not expected to have any. */
  readonly refusals: readonly string[];
}

const WINDOW = 2_000;
const BATCH = 200;
const LINES_PER_REQUEST = 50_000;
const PATIENCE_MS = 60_000;
const SHOWN_REFUSALS = 5;
const TELL_EVERY_MS = 1_000;

/**
 * Writes a simulated company into a running server, through the public bulk route. A second time it adds nothing.
 * @throws Failure `key.missing`; ImportFailure where the server can't be reached or answers nonsense
 */
export async function fill(
  simulation: Simulation,
  { url, apiKey }: ServerSettings,
  { screen, signal }: { readonly screen: Screen; readonly signal: AbortSignal },
): Promise<FillSummary> {
  if (apiKey === undefined)
    throw new Failure('key.missing', 'set GUANXI_API_KEY, or GUANXI_DATA_DIR to the directory of the server');
  const counts = { commands: 0, accepted: 0, unchanged: 0, refused: 0 };
  const refusals: string[] = [];
  const sender = new Sender({
    ...{ url, apiKey, window: WINDOW, linesPerRequest: LINES_PER_REQUEST, patienceMs: PATIENCE_MS },
    onOutcome: (fact, { status, refusal }) => {
      counts[status] += 1;
      if (refusal && refusals.length < SHOWN_REFUSALS) {
        const sent = fact.commands.map(({ line }) => line.command).join();
        refusals.push(`${sent}: ${refusal.code}: ${refusal.message}`);
      }
    },
    onInterruption: (message) => screen.write(`${message}; trying again\n`),
  });
  const stop = (): void => {
    sender.stop(
      new Failure('interrupted', 'the simulation was interrupted; the same command goes on from here'),
    );
  };
  signal.addEventListener('abort', stop, { once: true });
  const started = Date.now();
  let told = started;
  try {
    for (const line of simulate(simulation)) {
      counts.commands += 1;
      sender.offer({
        file: 'simulation',
        line: counts.commands,
        rows: 1,
        commands: [{ line, ensures: false }],
      });
      if (counts.commands % BATCH !== 0) continue;
      await sender.room();
      if (Date.now() - told < TELL_EVERY_MS) continue;
      told = Date.now();
      screen.write(`${line.occurredAt?.slice(0, 10) ?? ''}: ${String(counts.commands)} commands\n`);
    }
    await sender.finish();
  } finally {
    signal.removeEventListener('abort', stop);
  }
  const seconds = (Date.now() - started) / 1000;
  for (const refusal of refusals) screen.write(`refused: ${refusal}\n`);
  return { ...counts, seconds, perSecond: Math.round(counts.commands / Math.max(seconds, 0.001)), refusals };
}
