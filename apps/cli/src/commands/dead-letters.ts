import { userInfo } from 'node:os';
import type { Command } from 'commander';
import type { DeadLetterDetail, DeadLetters, Retried, Skipped } from '@guanxi/projections';
import { WrongUse } from '../failures';
import type { Act, Result, Session } from '../session';
import { column, fields, table } from '../show/table';

interface ModelOption {
  readonly model?: string;
}

const MODEL = ['--model <name>', 'only of this read model'] as const;

/** `guanxi dead-letters list|show|retry|skip` */
export function deadLettersCommand(program: Command, act: Act): void {
  const letters = program
    .command('dead-letters')
    .description(
      'keys that read models have set aside because of an event that could not be folded; in the PostgreSQL of DATABASE_URL or the embedded one',
    );
  letters
    .command('list')
    .description('which keys are set aside, since when, at which event, and what waits behind it')
    .option(...MODEL)
    .action((options: ModelOption) =>
      act((session) => withLetters(session, (office) => list(office, options))),
    );
  letters
    .command('show')
    .description('one key: the event, where in the code it came to a halt, and what waits')
    .argument('<key>', 'the key of the row, a UUID')
    .option(...MODEL)
    .option('--data', 'also what the events say, which is personal data')
    .action((key: string, { model, data = false }: ModelOption & { readonly data?: boolean }) =>
      act((session) => withLetters(session, (office) => show(office, key, { model, withData: data }))),
    );
  letters
    .command('retry')
    .description("fold keys anew with this program's code: heals those whose fault is mended")
    .argument('[key]', 'the key of the row, a UUID')
    .option(...MODEL)
    .option('--all', 'all keys of all read models')
    .action((key: string | undefined, { model, all }: ModelOption & { readonly all?: boolean }) =>
      act((session) => {
        if (key === undefined && model === undefined && all !== true)
          throw new WrongUse('name a key, or --model for all of a read model, or --all');
        if (key !== undefined && all === true) throw new WrongUse('name a key or --all, not both');
        const meant = { ...(key === undefined ? {} : { key }), ...(model === undefined ? {} : { model }) };
        return withLetters(session, async (office) => retried(await office.retry(meant)));
      }),
    );
  letters
    .command('skip')
    .description('leave the event that halts a key out of that key for good; an event in the log says so')
    .argument('<key>', 'the key of the row, a UUID')
    .requiredOption('--reason <text>', 'why; it is kept in the log')
    .option(...MODEL)
    .action((key: string, { model, reason }: ModelOption & { readonly reason: string }) =>
      act((session) =>
        withLetters(session, async (office) =>
          skipped(await office.skip({ key, model, reason, actor: actor() })),
        ),
      ),
    );
}

async function withLetters(
  session: Session,
  work: (office: DeadLetters) => Promise<Result>,
): Promise<Result> {
  const [{ withDatabase }, { DeadLetters }, { instantOf }] = await Promise.all([
    import('./with-database'),
    import('@guanxi/projections'),
    import('@guanxi/kernel'),
  ]);
  return withDatabase(session, (opened) =>
    work(new DeadLetters(opened, opened.models, () => instantOf(new Date()))),
  );
}

async function list(office: DeadLetters, { model }: ModelOption): Promise<Result> {
  const items = await office.list(model === undefined ? {} : { model });
  const [first] = items;
  if (!first) return { json: { items }, text: 'no key is parked' };
  const columns = [
    ...[column('generation'), column('key'), column('event.type', 'halted at'), column('position')],
    ...[column('waiting'), column('since'), column('attempts'), column('error')],
  ];
  const next = `guanxi dead-letters show ${first.key}`;
  return { json: { items }, text: `${table(items, columns)}\n\nNext: ${next}` };
}

async function show(
  office: DeadLetters,
  key: string,
  options: { readonly model: string | undefined; readonly withData: boolean },
): Promise<Result> {
  const details = await office.show(key, options);
  const items = details.map(({ letter, ...detail }) => ({ ...letter, ...detail }));
  return { json: { items }, text: details.map((detail) => inWords(detail, options.withData)).join('\n\n') };
}

function inWords({ letter, stack, halted, behind }: DeadLetterDetail, withData: boolean): string {
  const about = fields(letter, [
    ...[
      column('generation'),
      column('key'),
      column('since'),
      column('attempts'),
      column('triedAt', 'last tried'),
    ],
    ...[column('waiting'), column('stream'), column('position')],
  ]);
  const columns = [
    ...[column('position'), column('type'), column('stream'), column('revision')],
    ...[column('occurredAt', 'occurred'), column('recordedAt', 'recorded')],
  ];
  const events = (title: string, list: DeadLetterDetail['behind']): readonly string[] =>
    list.length === 0
      ? []
      : [
          `${title}\n${table(list, columns)}`,
          ...(withData ? list.map(({ position, data }) => `${position} ${JSON.stringify(data)}`) : []),
        ];
  const more = letter.waiting > behind.length && behind.length > 0 ? ', the first of them' : '';
  return [
    about,
    `error\n${printable(stack ?? letter.error)}`,
    ...events('halted at', halted ? [halted] : []),
    ...events(`waiting${more}`, behind),
    `Next: mend the code and "guanxi dead-letters retry ${letter.key}", or leave the event out: ` +
      `"guanxi dead-letters skip ${letter.key} --model ${letter.model} --reason TEXT"`,
  ].join('\n\n');
}

/** Without what a terminal takes for a command; lines stay lines. */
const printable = (text: string): string => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' ');

function retried(results: readonly Retried[]): Result {
  const items = results.map(({ letter, ...became }) => ({
    ...{ model: letter.model, generation: letter.generation, key: letter.key },
    ...became,
  }));
  const left = results.filter(({ status }) => status !== 'healed');
  return {
    json: { items, healed: results.length - left.length, left: left.length },
    text: [
      results.length === 0 ? 'no key is parked' : `${String(results.length - left.length)} healed`,
      ...left.map(stillParked),
    ].join('\n'),
    failed: left.length > 0,
  };
}

function stillParked({ letter: { generation, key, model, version }, ...became }: Retried): string {
  if (became.status === 'parked')
    return `${generation} ${key}: still parked, at position ${became.position ?? ''}: ${printable(became.error ?? '')}`;
  return (
    `${generation} ${key}: made by version ${String(version)} of ${model}, which this program has not: retry it with ` +
    `the program that has, or "guanxi projections rebuild ${model}"`
  );
}

function skipped({ skip, isNew, retried: results }: Skipped): Result {
  const { json, text = '' } = retried(results);
  const { type, position, stream } = skip.event;
  const what = `${type} at position ${position} of ${stream}`;
  return {
    json: { skip, isNew, retried: json },
    text: `${isNew ? 'skipped' : 'was skipped before:'} ${what}, for ${skip.key} in ${skip.model}\n${text}`,
    failed: results.some(({ status }) => status === 'parked'),
  };
}

/** Who sits at the terminal, as far as the system knows. */
function actor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return 'cli';
  }
}
