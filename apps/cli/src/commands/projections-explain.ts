import type { Command } from 'commander';
import type { ExplainedVersion, Explanation, TouchingEvent } from '@guanxi/projections';
import type { Act } from '../session';
import { column, fields, table } from '../show/table';
import type { Moments } from './projection-arguments';
import { DATA, instant, plain, speaksFor } from './projection-arguments';
import { eventsInWords } from './projections-diff';

interface ExplainFlags extends Moments {
  readonly generation?: string;
  readonly data?: boolean;
}

/** `guanxi projections explain` */
export function explainCommand(projections: Command, act: Act): void {
  projections
    .command('explain')
    .description('a row, what became of it on both time axes, and the events behind each change')
    .argument('<model>', 'the read model')
    .argument('<key>', 'the key of the row, a UUID')
    .option(
      '--as-of <moment>',
      'the truth of this moment (RFC 3339, or a day: its beginning in UTC)',
      instant,
    )
    .option('--as-known-at <moment>', 'what was known at this moment', instant)
    .option('--generation <name>', 'of this generation (the one that answers)')
    .option(...DATA)
    .action((model: string, key: string, { data = false, ...flags }: ExplainFlags) =>
      act(async (session) => {
        const { withDatabase } = await import('./with-database');
        const { explainKey } = await import('@guanxi/projections');
        const told = await withDatabase(session, (opened) =>
          explainKey(opened, model, key, { ...flags, withData: data }),
        );
        return { json: plain(told), text: inWords(told) };
      }),
    );
}

function inWords({ model, generation, key, asOf, position, row, versions, events }: Explanation): string {
  const shown =
    row === null
      ? 'no row: nothing was true of it then, as far as is known'
      : fields(
          row,
          Object.keys(row).map((name) => column(name)),
        );
  return [
    `${model} ${key} in ${generation}, ${speaksFor(asOf, position)}`,
    shown,
    ...(versions.length === 0 ? [] : [table(versions.map(versionLine), VERSION_COLUMNS)]),
    eventsInWords(events),
  ].join('\n\n');
}

const VERSION_COLUMNS = [
  ...[column('answers', ' '), column('validFrom', 'valid from'), column('validTo', 'valid to')],
  ...[column('opened', 'made by'), column('closed', 'ended by'), column('superseded', 'proved wrong by')],
  column('changed', 'other than before'),
];

const versionLine = ({ answers, validFrom, validTo, changed, ...ends }: ExplainedVersion): object => ({
  ...{ answers: answers ? '*' : undefined, validFrom, validTo, changed },
  opened: eventName(ends.opened),
  closed: eventName(ends.closed),
  superseded: eventName(ends.superseded),
});

const eventName = (event: TouchingEvent | null): string | undefined =>
  event === null ? undefined : `${event.position} ${event.type}`;
