import type { Command } from 'commander';
import type { Diff, DifferingKey, TouchingEvent } from '@guanxi/projections';
import { whole } from '../arguments';
import type { Act } from '../session';
import { column, table } from '../show/table';
import { DATA, plain } from './projection-arguments';

interface DiffFlags {
  readonly generation?: string;
  readonly limit?: number;
  readonly data?: boolean;
}

/** `guanxi projections diff` */
export function diffCommand(projections: Command, act: Act): void {
  projections
    .command('diff')
    .description(
      'hold the generation that answers against another one, both at one position: counts and hashes, then the keys that differ, with rows and events; exit code 1 when they differ',
    )
    .argument('<model>', 'the read model')
    .option('--generation <name>', 'the other one (the newest that does not answer)')
    .option('--limit <keys>', 'differing keys to show, the rest is counted (20)', whole(1, 1_000))
    .option(...DATA)
    .action((model: string, { generation, limit, data = false }: DiffFlags) =>
      act(async (session) => {
        const { withDatabase } = await import('./with-database');
        const { diffGenerations } = await import('@guanxi/projections');
        const options = {
          ...(generation === undefined ? {} : { generation }),
          ...(limit === undefined ? {} : { keys: limit }),
          withData: data,
        };
        const diff = await withDatabase(session, (opened) => diffGenerations(opened, model, options));
        return { json: plain(diff), text: inWords(diff), failed: diff.differing > 0 };
      }),
    );
}

function inWords(diff: Diff): string {
  const { serving, other, position, tables, missingColumns, differing, keys } = diff;
  const parts = [
    `${serving} (answers) and ${other}, both at position ${position}`,
    comparedTables(
      tables.map(({ table: name, left, right }) => ({ table: name, [serving]: left, [other]: right })),
      [serving, other],
    ),
  ];
  if (missingColumns.length > 0) parts.push(`not compared, as only one has it: ${missingColumns.join('; ')}`);
  if (differing === 0) return [...parts, 'no difference'].join('\n\n');
  parts.push(`${counted(differing)}${differing > keys.length ? `, the first ${keys.length}:` : ':'}`);
  return [...parts, ...keys.map((key) => keyInWords(key, diff))].join('\n\n');
}

const counted = (keys: number): string => (keys === 1 ? '1 key differs' : `${keys} keys differ`);

/** Counts and hashes of two sides, table by table. */
export const comparedTables = (rows: readonly object[], sides: readonly string[]): string =>
  table(rows, [
    column('table'),
    ...sides.flatMap((side) => [column(`${side}.rows`, side), column(`${side}.hash`, 'hash')]),
  ]);

function keyInWords({ key, tables, events, eventCount, ...sides }: DifferingKey, diff: Diff): string {
  const names = [diff.serving, diff.other] as const;
  const parts = [
    `${key} (${tables.join(', ')})`,
    differingFields(sides.serving.row, sides.other.row, names),
    ...([sides.serving, sides.other] as const).flatMap(({ only }, index) => [
      onlyIn(names[index] ?? '', 'version', only.versions, VERSION_COLUMNS),
      onlyIn(names[index] ?? '', 'movement', only.movements, MOVEMENT_COLUMNS),
    ]),
    eventsInWords(events, eventCount),
  ];
  return parts.filter((part) => part !== '').join('\n');
}

const VERSION_COLUMNS = [
  ...[column('validFrom', 'valid from'), column('validTo', 'valid to'), column('openedPos', 'opened at')],
  ...[column('closedPos', 'closed at'), column('supersededPos', 'wrong since'), column('row')],
];
const MOVEMENT_COLUMNS = [
  ...[column('effectiveAt', 'counts at'), column('knownPos', 'known since')],
  ...[column('supersededPos', 'wrong since'), column('movement')],
];

function onlyIn(
  generation: string,
  what: string,
  found: readonly object[],
  columns: readonly ReturnType<typeof column>[],
): string {
  if (found.length === 0) return '';
  const rows = plain(found);
  const shown = table(Array.isArray(rows) ? rows : [], columns);
  return `${what}s in ${generation} alone:\n${shown}`;
}

/** The fields in which two rows differ, side by side. */
export function differingFields(
  left: object | null,
  right: object | null,
  [leftName, rightName]: readonly [string, string],
): string {
  if (left === null && right === null) return '';
  if (left === null || right === null) return `no row in ${left === null ? leftName : rightName}`;
  const [before, after] = [new Map(Object.entries(left)), new Map(Object.entries(right))];
  const rows = [...new Set([...before.keys(), ...after.keys()])]
    .filter((field) => JSON.stringify(before.get(field)) !== JSON.stringify(after.get(field)))
    .map((field) => ({ field, left: shownValue(before.get(field)), right: shownValue(after.get(field)) }));
  if (rows.length === 0) return '';
  return table(rows, [column('field'), column('left', leftName), column('right', rightName)]);
}

const shownValue = (value: unknown): string =>
  value === undefined || value === null
    ? '(none)'
    : typeof value === 'string'
      ? value
      : JSON.stringify(value);

/** Events, one a line. */
export function eventsInWords(events: readonly TouchingEvent[], count = events.length): string {
  if (events.length === 0) return 'no event is known';
  const rows = events.map((event) => ({ ...event, data: event.data && JSON.stringify(event.data) }));
  const shown = table(rows, [
    ...[column('position'), column('type', 'event'), column('occurredAt', 'happened')],
    ...[column('recordedAt', 'recorded'), column('data')],
  ]);
  return count > events.length ? `${shown}\n(the newest ${events.length} of ${count} events)` : shown;
}
