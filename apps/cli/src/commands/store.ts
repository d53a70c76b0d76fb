import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import type { StoreFault, StoreStats, Verified } from '@guanxi/event-store-postgres';
import type { Act, Result, Session } from '../session';
import { column, fields, table } from '../show/table';

/** `guanxi store stats|verify` */
export function storeCommand(program: Command, act: Act): void {
  const store = program
    .command('store')
    .description('the event store itself, in the PostgreSQL of DATABASE_URL or the embedded one');
  store
    .command('stats')
    .description('how much is stored: events, streams, bytes, the head, the biggest streams, events by type')
    .action(() => act((session) => stats(session)));
  store
    .command('verify')
    .description(
      'look at every event: gaps, inversions, broken revisions, events above the head, ids that stand twice, text that is no JSON',
    )
    .option('--from <position>', 'first position to look at (1)', position)
    .action(({ from = 1n }: { readonly from?: bigint }) => act((session) => verify(session, from)));
}

async function stats(session: Session): Promise<Result> {
  const { withStore } = await import('./store-database');
  const found = await withStore(session, (inspection) => inspection.stats());
  return { json: { ...found, head: String(found.head) }, text: statsInWords(found) };
}

const MEGABYTE = 1_000_000;
const megabytes = (bytes: number): string => `${(bytes / MEGABYTE).toFixed(1)} MB`;

function statsInWords({ biggestStreams, commonestTypes, bytes, ...totals }: StoreStats): string {
  const { table: rows, indexes, total } = bytes;
  const size = `${megabytes(total)} (table ${megabytes(rows)}, indexes ${megabytes(indexes)})`;
  return [
    fields({ ...totals, head: String(totals.head), bytes: size }, [
      ...[column('events'), column('streams'), column('bytes'), column('head')],
      ...[column('firstRecordedAt', 'first recorded'), column('lastRecordedAt', 'last recorded')],
    ]),
    table(biggestStreams, [column('stream', 'biggest streams'), column('events')]),
    table(commonestTypes, [column('type', 'events by type'), column('events')]),
  ].join('\n\n');
}

/** Faults that the JSON names; the rest are counted. */
const NAMED = 1_000;

async function verify(session: Session, from: bigint): Promise<Result> {
  const { withStore } = await import('./store-database');
  return withStore(session, async (inspection) => {
    const stop = session.interruption();
    const named: StoreFault[] = [];
    const faults = inspection.verify({ from, signal: stop, onProgress: progressTo(session) });
    let step = await faults.next();
    for (; !step.done; step = await faults.next()) {
      session.tell(inWords(step.value));
      if (named.length < NAMED) named.push(step.value);
    }
    return resultOf(step.value, named, stop.aborted);
  });
}

function resultOf(verified: Verified, named: readonly StoreFault[], broken: boolean): Result {
  const { events, faults, from, to } = verified;
  const failed = broken || faults > 0;
  const looked = `${String(events)} events from ${String(from)} to ${String(to)}`;
  const found = faults === 0 ? 'no fault' : `${String(faults)} faults`;
  return {
    json: {
      ...{ ok: !failed, complete: !broken, events, from: String(from), to: String(to), found: faults },
      faults: named.map((fault) => ({ ...fault, position: String(fault.position) })),
    },
    text: `${looked}: ${found}${broken ? '; broken off, ids were not compared' : ''}`,
    failed,
  };
}

const inWords = ({ kind, position: at, stream, detail }: StoreFault): string =>
  `${kind} at ${String(at)}${stream === undefined ? '' : ` in ${stream}`}: ${detail}`;

const EVERY = 100_000n;

/** A line for every so many events. */
function progressTo({ screen }: Session): (position: bigint, last: bigint) => void {
  let told = 0n;
  return (at, last) => {
    if (at - told < EVERY) return;
    told = at;
    screen.write(`looked at ${String(at)} of ${String(last)}\n`);
  };
}

function position(text: string): bigint {
  if (/^[1-9]\d{0,17}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('must be a position: a whole number from 1.');
}
