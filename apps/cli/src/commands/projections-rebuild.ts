import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import type { RebuildOutcome, RebuildProgress, RebuildStatus } from '@guanxi/projections';
import { dataDirOf } from '../client/settings';
import { Failure, WrongUse } from '../failures';
import type { Act, Result, Session } from '../session';

interface RebuildFlags {
  readonly pause?: boolean;
  readonly cancel?: boolean;
  readonly status?: boolean;
  readonly spill?: string;
}

/** `guanxi projections rebuild` */
export function rebuildCommand(projections: Command, act: Act): void {
  projections
    .command('rebuild')
    .description(
      'build a read model anew beside the one that answers; Ctrl-C pauses it, the same command goes on; then diff and switch',
    )
    .argument('<model>', 'the read model')
    .option('--pause', 'let the rebuild that runs elsewhere rest; what is done is kept')
    .option('--cancel', 'end the rebuild and drop what it has built')
    .option('--status', 'how far the latest rebuild is')
    .option('--spill <dir>', 'where to put what was read of the log (rebuild in the data directory)')
    .action((model: string, flags: RebuildFlags) =>
      act((session) => {
        const { pause, cancel, status } = flags;
        if ([pause, cancel, status].filter((flag) => flag === true).length > 1)
          throw new WrongUse('--pause, --cancel and --status exclude each other');
        if (status) return tellStatus(session, model);
        return pause || cancel ? end(session, model, flags) : build(session, model, flags);
      }),
    );
}

/** Where a rebuild puts what it has read. */
const spillOf = ({ env }: Session, { spill }: RebuildFlags): string =>
  spill ?? join(dataDirOf(env), 'rebuild');

async function build(session: Session, model: string, flags: RebuildFlags): Promise<Result> {
  const { withDatabase } = await import('./with-database');
  const { rebuild } = await import('@guanxi/projections');
  const { CopiedEvents } = await import('@guanxi/event-store-postgres');
  const isElsewhere = (session.env['KURRENTDB_URL'] ?? '') !== '';
  return withDatabase(session, async (opened) => {
    const raw = isElsewhere ? {} : { raw: new CopiedEvents(opened.pool) };
    const outcome = await rebuild(
      { ...opened, ...raw, ...threadFile(), spillDirectory: spillOf(session, flags) },
      model,
      {
        signal: session.interruption(),
        onNotice: (notice) => session.screen.write(`${notice}\n`),
        onProgress: progressTo(session),
      },
    );
    return built(model, outcome);
  });
}

/** The file of its threads, where the client was built. */
function threadFile(): { readonly thread?: string } {
  const thread = join(__dirname, '..', 'rebuild-thread.js');
  return existsSync(thread) ? { thread } : {};
}

const EVERY_MILLISECONDS = 2_000;

/** A line for each phase, and one every so often. */
function progressTo({ screen }: Session): (progress: RebuildProgress) => void {
  let told: { readonly phase: string; readonly at: number } | undefined;
  return (progress) => {
    const at = performance.now();
    if (told?.phase === progress.phase && at - told.at < EVERY_MILLISECONDS) return;
    told = { phase: progress.phase, at };
    screen.write(`${inWords(progress)}\n`);
  };
}

const number = (value: number): string => Math.round(value).toLocaleString('en');

/** What is counted in each phase. */
const WORK: Readonly<Record<RebuildProgress['phase'], string>> = {
  reading: 'reading the log',
  folding: 'folding',
  indexing: 'making indexes',
  following: 'waiting for workers to catch up',
};

function inWords({ phase, percent, rate, secondsLeft, lag }: RebuildProgress): string {
  const parts = [
    `${percent} %: ${WORK[phase]}`,
    ...(rate > 0 ? [`${number(rate)} events/s`] : []),
    ...(secondsLeft === undefined ? [] : [`about ${number(secondsLeft)} s left`]),
    `${number(lag)} behind the end of the log`,
  ];
  return parts.join(', ');
}

function built(model: string, outcome: RebuildOutcome): Result {
  const { generation, state, events, seconds, parked } = outcome;
  if (state === 'cancelled')
    return { json: outcome, text: `cancelled: ${generation} is dropped`, failed: true };
  if (state === 'paused') {
    const again = `"guanxi projections rebuild ${model}" goes on with it, --cancel drops it`;
    return { json: outcome, text: `paused: what is done of ${generation} is kept; ${again}`, failed: true };
  }
  const rate = seconds > 0 ? `, ${number(events / seconds)} a second` : '';
  const lines = [
    `${generation} is built and has caught up: ${number(events)} events in ${seconds.toFixed(1)} s${rate}`,
    ...(parked === 0
      ? []
      : [`${number(parked)} of its keys are set aside: see "guanxi dead-letters list --model ${model}"`]),
    `compare it with "guanxi projections diff ${model}", let it answer with "guanxi projections switch ${model}"`,
  ];
  return { json: outcome, text: lines.join('\n') };
}

async function end(session: Session, model: string, flags: RebuildFlags): Promise<Result> {
  const { withDatabase } = await import('./with-database');
  const { cancelRebuild, pauseRebuild } = await import('@guanxi/projections');
  return withDatabase(session, async ({ pool, models }) => {
    const place = { pool, models, spillDirectory: spillOf(session, flags) };
    if (flags.cancel) {
      const generation = await cancelRebuild(place, model);
      return { json: { generation, state: 'cancelled' }, text: `cancelled: ${generation} is dropped` };
    }
    const generation = await pauseRebuild(place, model);
    return {
      json: { generation, state: 'paused' },
      text: `paused: "guanxi projections rebuild ${model}" goes on with ${generation}`,
    };
  });
}

async function tellStatus(session: Session, model: string): Promise<Result> {
  const { withDatabase } = await import('./with-database');
  const { rebuildStatus } = await import('@guanxi/projections');
  return withDatabase(session, async ({ pool, models }) => {
    const found = await rebuildStatus(pool, models, model);
    if (!found) throw new Failure('rebuild.none', `${model} was never rebuilt`);
    return { json: found, text: statusInWords(found) };
  });
}

function statusInWords(found: RebuildStatus): string {
  const { generation, state, phase, done, total, rate, upTo, error, isRunning, parked, model } = found;
  const isBroken = state === 'running' && !isRunning;
  const lines = [
    `${generation}: ${isBroken ? 'broken off' : state}, up to position ${upTo}`,
    ...(state === 'done' || state === 'cancelled'
      ? []
      : [
          `${WORK[phase]}: ${number(done)} of ${number(total)}${isRunning ? `, ${number(rate)} events/s` : ''}`,
        ]),
    ...(parked === 0 ? [] : [`${number(parked)} keys are set aside`]),
    ...(error === null ? [] : [error]),
    ...(isBroken || state === 'paused' || state === 'failed'
      ? [`"guanxi projections rebuild ${model}" goes on with it, --cancel drops it`]
      : []),
  ];
  return lines.join('\n');
}
