import { relative, resolve } from 'node:path';
import { Failure } from '../failures';
import { headOf } from '../health/server';
import type { Result, Session } from '../session';
import { fill } from '../simulate/fill';
import { prepareDirectory } from './directory';
import { type Scene, churnHistory, correctedPast, refusedCommand, shown } from './scenes';
import { type DemoServer, startServer } from './server';
import { Stage, quartersBefore } from './stage';

export interface DemoOptions {
  readonly directory: string;
  readonly seed: string;
  readonly years: number;
  /** Epoch milliseconds. */
  readonly until: number;
  /** Also the scenes tell the truth of `until`, not of now. */
  readonly asOfUntil: boolean;
  readonly keep: boolean;
  /** Stop after showing. */
  readonly exit: boolean;
}

const QUARTERS = 8;

/**
 * Starts the product on a directory of its own, fills it with an invented company, and shows what can be asked.
 * @throws Failure, ImportFailure, Refusal
 */
export async function demo(options: DemoOptions, session: Session): Promise<Result> {
  const { screen, env, tell } = session;
  const directory = resolve(options.directory);
  prepareDirectory(directory, options.keep);
  const signal = session.interruption();
  screen.write(`starting a server on ${directory}\n`);
  const server = await startServer(directory, env, signal);
  try {
    const { seed, years, until } = options;
    screen.write(`writing ${String(years)} years of an invented company through the public commands\n`);
    const simulated = await fill({ seed, years, until }, server.client.settings, { screen, signal });
    if (simulated.refused > 0)
      throw new Failure(
        'demo.refused',
        `${String(simulated.refused)} simulated commands were refused: ${simulated.refusals.join('; ')}`,
      );
    const stage = await stageOf(server, options);
    tell(
      `${String(simulated.commands)} commands in ${simulated.seconds.toFixed(1)} s (${String(simulated.perSecond)} a second), none refused.\n`,
    );
    const scenes: Scene[] = [];
    for (const play of scenesOf(stage, options)) {
      const scene = await play();
      scenes.push(scene);
      tell(`== ${scene.title}\n\n${scene.text}\n\n${scene.curl}\n`);
    }
    const { url } = server.client.settings;
    const json = {
      ...{ url, directory, keyFile: server.keyFile, docs: `${url}/docs`, simulated },
      ...Object.fromEntries(scenes.map((scene) => [scene.name, scene.json])),
    };
    if (options.exit) {
      await server.stop();
      return { json };
    }
    tell(farewell(server));
    return { json, afterwards: () => untilStopped(server, session, signal) };
  } catch (error) {
    await server.stop();
    throw signal.aborted
      ? new Failure('interrupted', 'the demo was interrupted; its server is stopped')
      : error;
  }
}

async function stageOf(server: DemoServer, { until, asOfUntil }: DemoOptions): Promise<Stage> {
  const position = headOf(await server.client.readiness());
  if (position === undefined)
    throw new Failure('demo.start', 'the server does not tell how far its log has come');
  const moment = asOfUntil ? { asOf: new Date(until).toISOString() } : {};
  return new Stage(server.client, shortest(server.keyFile), until, position, moment);
}

function scenesOf(stage: Stage, { until, years }: DemoOptions): readonly (() => Promise<Scene>)[] {
  const quarters = quartersBefore(until, Math.min(QUARTERS, 4 * years - 1));
  const [from, to] = quarters.at(-1) ?? [new Date(until), new Date(until)];
  const lastQuarter = { from: from.toISOString(), to: to.toISOString() };
  const year = { from: new Date(until - 365 * 86_400_000).toISOString(), to: new Date(until).toISOString() };
  return [
    () => shown(stage, 'board', 'The board: open deals by stage'),
    () => shown(stage, 'waterfall', 'What changed on the board in the last quarter', lastQuarter),
    () => churnHistory(stage, quarters),
    () => shown(stage, 'pyramid', 'The customer pyramid of the last year', year),
    () => shown(stage, 'rfm', 'Segments by recency, frequency and monetary value'),
    () => refusedCommand(stage),
    () => correctedPast(stage),
  ];
}

function farewell({ client, keyFile }: DemoServer): string {
  const { url } = client.settings;
  const key = shortest(keyFile);
  return [
    `The server goes on at ${url}; every route to try: ${url}/docs`,
    `The key is in ${key}; the client finds it with`,
    `  GUANXI_URL=${url} GUANXI_DATA_DIR=${shortest(resolve(keyFile, '..'))} npm run guanxi -- board --by owner`,
    'Ctrl-C stops it.',
  ].join('\n');
}

async function untilStopped(server: DemoServer, { screen }: Session, signal: AbortSignal): Promise<void> {
  const asked = new Promise<void>((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => {
      resolve();
    });
  });
  const keepAlive = setInterval(() => undefined, 60_000);
  try {
    await Promise.race([asked, server.ended]);
  } finally {
    clearInterval(keepAlive);
  }
  if (!signal.aborted)
    throw new Failure('demo.ended', `the server has ended by itself; its log is ${server.logFile}`);
  screen.write('stopping the server\n');
  await server.stop();
}

/** As it would be typed from here. */
function shortest(path: string): string {
  const short = relative('.', path);
  return short.startsWith('..') ? path : short;
}
