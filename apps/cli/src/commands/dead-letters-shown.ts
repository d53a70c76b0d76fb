import type { Letter, LetterDetail, LetterList, LetterRetried } from '@guanxi/platform';
import type { Skipped } from '@guanxi/projections';
import type { Result } from '../session';
import { column, fields, table } from '../show/table';

/** Every key that is set aside, and what its sources have to say of themselves. */
export function listed({ items, notes }: LetterList): Result {
  const [first] = items;
  const json = { items, notes };
  if (!first) return { json, text: ['no key is parked', ...notes].join('\n') };
  const columns = [
    ...[column('source'), column('of'), column('key'), column('event.type', 'halted at'), column('position')],
    ...[column('waiting'), column('since'), column('attempts'), column('isWanted', 'retry asked')],
    column('error'),
  ];
  const rows = items.map((letter) => ({ ...letter, of: ownerOf(letter) }));
  const next = `Next: guanxi dead-letters show ${first.key}`;
  return { json, text: [table(rows, columns), ...notes, next].join('\n\n') };
}

/** What is known of a key, wherever it is set aside. @param withData also what events say */
export function shown(details: readonly LetterDetail[], withData: boolean): Result {
  const items = details.map(({ letter, ...detail }) => ({ ...letter, ...detail }));
  return { json: { items }, text: details.map((detail) => inWords(detail, withData)).join('\n\n') };
}

/** What became of keys that were to be tried again. */
export function retried(results: readonly LetterRetried[]): Result {
  const items = results.map(({ letter, ...became }) => ({ ...namesOf(letter), ...became }));
  const of = (status: LetterRetried['status']) => results.filter((each) => each.status === status);
  const asked = of('asked');
  const left = [...of('parked'), ...of('other-version')];
  const healed = results.length - left.length - asked.length;
  const counted = [
    ...(healed > 0 || asked.length === 0 ? [`${String(healed)} healed`] : []),
    ...(asked.length > 0 ? [`${String(asked.length)} asked for`] : []),
  ];
  return {
    json: { items, healed, asked: asked.length, left: left.length },
    text: [
      results.length === 0 ? 'no key is parked' : counted.join(', '),
      ...asked.map(({ letter }) => `${ownerOf(letter)} ${letter.key}: ${WHO_TRIES[letter.source]}`),
      ...left.map(stillParked),
    ].join('\n'),
    failed: left.length > 0,
  };
}

/** What was left out, and what became of the key. */
export function skipped({ skip, isNew, retried: results }: Skipped): Result {
  const { json, text = '' } = retried(
    results.map(({ letter, ...became }) => ({ letter: { source: 'read-model', ...letter }, ...became })),
  );
  const { type, position, stream } = skip.event;
  const what = `${type} at position ${position} of ${stream}`;
  return {
    json: { skip, isNew, retried: json },
    text: `${isNew ? 'skipped' : 'was skipped before:'} ${what}, for ${skip.key} in ${skip.model}\n${text}`,
    failed: results.some(({ status }) => status === 'parked'),
  };
}

const WHO_TRIES = {
  'read-model': 'it is tried again',
  policy: 'a worker of the policy tries it again within a second, or when it starts',
  relay: 'the relay tries it again within seconds, or as soon as it publishes',
} as const;

/** The tables, the policy or the contract by which a key came to a halt. */
const ownerOf = (letter: Letter): string => (letter.source === 'relay' ? letter.contract : letter.generation);

function namesOf(letter: Letter) {
  const { source, key } = letter;
  if (source === 'read-model') return { source, model: letter.model, generation: letter.generation, key };
  if (source === 'policy') return { source, policy: letter.policy, generation: letter.generation, key };
  return { source, contract: letter.contract, key };
}

function inWords({ letter, stack, halted, behind }: LetterDetail, withData: boolean): string {
  const about = fields({ ...letter, of: ownerOf(letter) }, [
    ...[column('source'), column('of'), column('key'), column('since'), column('attempts')],
    ...[column('triedAt', 'last tried'), column('isWanted', 'retry asked')],
    ...[column('waiting'), column('stream'), column('position')],
  ]);
  const columns = [
    ...[column('position'), column('type'), column('stream'), column('revision')],
    ...[column('occurredAt', 'occurred'), column('recordedAt', 'recorded')],
  ];
  const events = (title: string, list: LetterDetail['behind']): readonly string[] =>
    list.length === 0
      ? []
      : [
          `${title}\n${table(list, columns)}`,
          ...(withData ? list.map(({ position, data }) => `${position} ${JSON.stringify(data)}`) : []),
        ];
  const waiting = 'waiting' in letter ? letter.waiting : behind.length;
  const more = waiting > behind.length && behind.length > 0 ? ', the first of them' : '';
  return [
    about,
    `error\n${printable(stack ?? letter.error)}`,
    ...events('halted at', halted ? [halted] : []),
    ...events(`waiting${more}`, behind),
    nextOf(letter),
  ].join('\n\n');
}

function nextOf(letter: Letter): string {
  const { source, key } = letter;
  if (source === 'relay')
    return `Next: mend the mapping or raise the limit of the broker, and "guanxi dead-letters retry ${key}"`;
  if (source === 'policy') return `Next: mend the code and "guanxi dead-letters retry ${key}"`;
  return (
    `Next: mend the code and "guanxi dead-letters retry ${key}", or leave the event out: ` +
    `"guanxi dead-letters skip ${key} --model ${letter.model} --position ${letter.position} --reason TEXT"`
  );
}

/** Without what a terminal takes for a command; lines stay lines. */
const printable = (text: string): string => text.replace(/[\u0000-\u0009\u000b-\u001f\u007f-\u009f]+/g, ' ');

function stillParked({ letter, ...became }: LetterRetried): string {
  const place = `${ownerOf(letter)} ${letter.key}`;
  if (became.status === 'other-version' && letter.source === 'read-model')
    return (
      `${place}: made by version ${String(letter.version)} of ${letter.model}, which this program has not: retry it ` +
      `with the program that has, or "guanxi projections rebuild ${letter.model}"`
    );
  return `${place}: still parked, at position ${became.position ?? ''}: ${printable(became.error ?? '')}`;
}
