import type { Command } from 'commander';
import type { Replay } from '@guanxi/projections';
import { whole } from '../arguments';
import type { Act, Session } from '../session';
import type { Moments } from './projection-arguments';
import { instant, plain, speaksFor } from './projection-arguments';
import { comparedTables, differingFields } from './projections-diff';

interface ReplayFlags extends Moments {
  readonly keys?: readonly string[];
  readonly keep?: boolean;
  readonly limit?: number;
}

/** `guanxi replay` */
export function replayCommand(program: Command, act: Act): void {
  program
    .command('replay')
    .description(
      'fold the events that were known at a moment into a scratch schema, and hold that against the live answer; exit code 1 when they differ',
    )
    .argument('<model>', 'the read model')
    .option(
      '--as-of <moment>',
      'the truth of this moment (RFC 3339, or a day: its beginning in UTC)',
      instant,
    )
    .option('--as-known-at <moment>', 'what was known at this moment', instant)
    .option('--keys <keys>', 'these rows alone: their keys, with commas between them', listOf)
    .option('--keep', 'leave the scratch schema where it is')
    .option('--limit <keys>', 'differing keys to show, the rest is counted (20)', whole(1, 1_000))
    .action((model: string, { limit, ...flags }: ReplayFlags) =>
      act(async (session) => {
        const { withDatabase } = await import('./with-database');
        const { replay } = await import('@guanxi/projections');
        const found = await withDatabase(session, (opened) =>
          replay(opened, model, {
            ...flags,
            ...(limit === undefined ? {} : { shown: limit }),
            signal: session.interruption(),
            onProgress: progressTo(session),
          }),
        );
        return { json: plain(found), text: inWords(found), failed: found.differing > 0 };
      }),
    );
}

const listOf = (text: string): readonly string[] => text.split(',').map((key) => key.trim());

const EVERY_MILLISECONDS = 2_000;

function progressTo({ screen }: Session): (progress: { events: number; keys: number }) => void {
  let told = performance.now();
  return ({ events, keys }) => {
    if (performance.now() - told < EVERY_MILLISECONDS) return;
    told = performance.now();
    screen.write(`looked at ${events} events, folded ${keys} keys\n`);
  };
}

function inWords(found: Replay): string {
  const { model, generation, asOf, position, foldedKeys, events, tables, differing, keys, schema } = found;
  const parts = [
    `${model} ${speaksFor(asOf, position)}: ${foldedKeys} keys from ${events} events, against ${generation}`,
    comparedTables(tables, ['live', 'replayed']),
  ];
  if (position === '0') parts.push('no event was known then');
  if (found.missingColumns.length > 0)
    parts.push(`not compared, as only one has it: ${found.missingColumns.join('; ')}`);
  parts.push(
    differing === 0
      ? 'no difference'
      : `keys that differ: ${differing}${differing > keys.length ? `, the first ${keys.length}:` : ''}`,
  );
  for (const { key, tables: where, live, replayed } of keys) {
    const shown = differingFields(live, replayed, ['live', 'replayed']);
    parts.push(`${key} (${where.join(', ')})${shown === '' ? '' : `\n${shown}`}`);
  }
  for (const { key, error } of found.unfoldable) parts.push(`${key} cannot be folded: ${error}`);
  if (schema !== undefined)
    parts.push(`the tables are in schema ${schema}; drop it when they are not needed any more`);
  return parts.join('\n\n');
}
