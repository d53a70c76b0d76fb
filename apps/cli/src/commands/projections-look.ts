import type { Command } from 'commander';
import type { ListedGeneration, ListedModel } from '@guanxi/projections';
import type { Act, Result } from '../session';
import { column, table } from '../show/table';

/** `guanxi projections list|lag` */
export function lookCommands(projections: Command, act: Act): void {
  projections
    .command('list')
    .description('each read model with its generations: which answers, rows, bytes, position, workers, code')
    .action(() =>
      act(async (session) => {
        const { withDatabase } = await import('./with-database');
        const { listReadModels } = await import('@guanxi/projections');
        return listed(await withDatabase(session, listReadModels));
      }),
    );
  projections
    .command('lag')
    .description('how far each generation is behind the log, in events and seconds, and how fast it goes')
    .action(() =>
      act(async (session) => {
        const { withDatabase } = await import('./with-database');
        const { readLag } = await import('@guanxi/projections');
        const { instantOf } = await import('@guanxi/kernel');
        const lag = await withDatabase(session, (opened) => readLag(opened, instantOf(new Date())));
        const rows = lag.generations.map((each) => ({ ...each, answers: each.serves ? 'yes' : undefined }));
        // Positions of KurrentDB are places in its log, which do not count events.
        const behind = session.env['KURRENTDB_URL'] ? 'behind by (places in the log)' : 'events behind';
        const shown = table(rows, [
          ...[column('model'), column('generation'), column('answers'), column('status')],
          ...[column('position'), column('events', behind), column('seconds', 'seconds behind')],
          ...[column('rate', 'events/s since the last look'), column('secondsLeft', 'seconds left')],
          column('parked'),
        ]);
        return { json: lag, text: `the log ends at position ${lag.head}\n\n${shown}` };
      }),
    );
}

const MEGABYTE = 1_000_000;

function listed(models: readonly ListedModel[]): Result {
  const rows = models.flatMap(({ model, generations }) =>
    generations.map((each) => ({
      ...{ model, generation: each.generation, status: each.status, behind: each.lag, parked: each.parked },
      ...{ role: roleOf(each), position: each.position, made: each.createdAt.slice(0, 19) },
      rows: `${each.counted ? '' : 'about '}${each.rows.toLocaleString('en')}`,
      size: `${(each.bytes / MEGABYTE).toFixed(1)} MB`,
      ...{ workers: workersOf(each), code: CODE[each.code] },
    })),
  );
  const shown = table(rows, [
    ...[column('model'), column('generation'), column('role', 'answers'), column('status')],
    ...[column('rows'), column('size'), column('position'), column('behind'), column('parked')],
    ...[column('workers', 'kept by'), column('made'), column('code')],
  ]);
  const notices = models.flatMap((model) => noticesOf(model));
  return { json: { models }, text: [shown, ...notices].join('\n\n') };
}

const CODE: Readonly<Record<ListedGeneration['code'], string>> = {
  same: 'the same',
  changed: 'CHANGED',
  differs: 'MAKES OTHER ROWS',
  'other-version': 'of another version',
  unknown: 'not noted yet',
};

const roleOf = ({ serves, previous }: ListedGeneration): string =>
  serves ? 'yes' : previous ? 'did before' : 'no';

/** `2 of 4: 1a2b3c4d` */
function workersOf({ shards }: ListedGeneration): string {
  const holders = shards.flatMap(({ holder }) => holder ?? []);
  if (holders.length === 0) return 'nobody';
  const names = [...new Set(holders.map((holder) => holder.slice(0, 8)))].join(', ');
  return `${holders.length} of ${shards.length}: ${names}`;
}

/** What is to be done where the code is another one than that which made the rows. */
function noticesOf({ model, generations }: ListedModel): readonly string[] {
  return generations.flatMap(({ generation, code, finding }) => {
    const remedy = `raise its version, or build it anew with "guanxi projections rebuild ${model}"`;
    if (code === 'changed')
      return [`${generation}: the code of ${model} has changed, its version has not: ${remedy}`];
    if (code !== 'differs' || !finding) return [];
    const { keys, differing, differences, examples } = finding;
    return [
      `${generation}: of ${keys} keys folded anew ${differing} differ, in ${differences.join(', ')} (such as ` +
        `${examples.join(', ')}): ${remedy}`,
    ];
  });
}
