import type { Command } from 'commander';
import { moment } from '../arguments';
import type { Answer, Client, Parameters } from '../client/client';
import { WrongUse } from '../failures';
import type { Result } from '../session';
import { type View, shownAnswer } from '../show/answer';

/** Options that every query takes. */
export interface AskOptions {
  readonly csv?: true;
  readonly json?: true;
  readonly minPosition?: string;
}

/** Adds the options that every query takes. */
export const withMoments = (command: Command): Command =>
  command
    .option('--as-of <moment>', 'the truth of this moment (RFC 3339, or a day: its beginning in UTC)', moment)
    .option('--as-known-at <moment>', 'what was known at this moment', moment)
    .option(
      '--min-position <position>',
      "wait until the answer counts in this position, such as a command's own",
    )
    .option('--csv', 'the rows as CSV');

/**
 * Asks and shows: a table for people, the raw answer for machines, or CSV.
 * @param view how to show the answer, or what tells so from it
 */
export async function ask(
  client: Client,
  path: string,
  parameters: Parameters,
  { csv, json, minPosition }: AskOptions,
  view?: View | ((answer: Answer) => View),
): Promise<Result> {
  if (csv && json) throw new WrongUse('--csv and --json exclude each other');
  const options = { parameters, ...(minPosition === undefined ? {} : { minPosition }) };
  if (csv) {
    const rows = await client.text(path, { ...options, accept: 'text/csv' });
    return { json: undefined, text: rows };
  }
  const answer = await client.get(path, options);
  return { json: answer, text: shownAnswer(answer, typeof view === 'function' ? view(answer) : view) };
}
