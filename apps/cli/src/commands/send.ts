import { randomUUID } from 'node:crypto';
import { readFileSync } from 'node:fs';
import type { Command } from 'commander';
import { dataOf, jsonData, moment } from '../arguments';
import type { Answer } from '../client/client';
import { WrongUse } from '../failures';
import { type JsonObject, messageOf } from '../import/types';
import { type Act, serverOf } from '../session';

interface Options {
  readonly id?: string;
  readonly key?: string;
  readonly occurredAt?: string;
  readonly data?: string;
  readonly file?: string;
}

const EXAMPLES = `
Fields: dots lead into objects, and what is JSON is taken as JSON; quote a text that looks like a number.

Examples:
  guanxi send OpenDeal value.amount=1250000 value.currency=CNY title='Fleet renewal'
  guanxi send AdvanceDeal --id 0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d to=C
  guanxi send RegisterCustomer --data '{"name":"Acme Trading","externalRef":"1001"}'`;

/** `guanxi send COMMAND field=value …` */
export function sendCommand(program: Command, act: Act): void {
  program
    .command('send')
    .description('send one command; a refusal names each rule that is not met')
    .argument('<command>', 'its name; guanxi commands lists them')
    .argument('[fields...]', 'field=value of its data')
    .option('--id <uuid>', 'what it is about; for a new thing its id, made by the server where left out')
    .option('--key <key>', 'idempotency key: a repeat under the same key is carried out once')
    .option('--occurred-at <moment>', 'when it happened in the business (RFC 3339, or a day)', moment)
    .option('--data <json>', 'its data as a JSON object')
    .option('--file <file>', 'a file with its data as a JSON object; - reads stdin')
    .addHelpText('after', EXAMPLES)
    .action((command: string, fields: string[], options: Options) =>
      act(async (session) => {
        const { id, occurredAt } = options;
        const answer = await serverOf(session).command({
          ...{ command, key: options.key ?? randomUUID(), data: given(fields, options) },
          ...(id === undefined ? {} : { id }),
          ...(occurredAt === undefined ? {} : { occurredAt }),
        });
        return { json: answer, text: outcome(answer) };
      }),
    );
}

function given(fields: readonly string[], { data, file }: Options): JsonObject {
  if (data !== undefined && file !== undefined) throw new WrongUse('--data and --file exclude each other');
  const whole =
    data !== undefined
      ? jsonData(data, '--data')
      : file !== undefined
        ? jsonData(textOf(file), `--file ${file}`)
        : {};
  return { ...whole, ...dataOf(fields) };
}

function textOf(file: string): string {
  try {
    return readFileSync(file === '-' ? 0 : file, 'utf8');
  } catch (error) {
    throw new WrongUse(`--file ${file} can't be read: ${messageOf(error)}`);
  }
}

function outcome({ status, id, revision, position, events, secret, notice }: Answer): string {
  const told = Array.isArray(events) && events.length > 0 ? `: ${events.join(', ')}` : '';
  return [
    `${String(status)}${told}`,
    `  id ${String(id)}, revision ${String(revision)}, position ${String(position)}`,
    ...(typeof secret === 'string' ? [`\n${secret}\nKeep it now: it is not shown again.`] : []),
    ...(typeof notice === 'string' ? [`  ${notice}`] : []),
  ].join('\n');
}
