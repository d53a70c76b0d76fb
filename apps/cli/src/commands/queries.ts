import type { Command } from 'commander';
import { moment, pairs } from '../arguments';
import { type Act, serverOf } from '../session';
import { type AskOptions, ask, withMoments } from './asking';
import { type Query, queries } from './query-table';

const MOMENTS = ['from', 'to'];

/** A command for each query of the table: `guanxi board`, `guanxi churn --from 2026-01-01`, `guanxi deal ID` … */
export function queryCommands(program: Command, act: Act): void {
  for (const query of queries) add(program, act, query);
}

function add(program: Command, act: Act, query: Query): void {
  const command = program.command(query.name).description(query.summary);
  const one = query.path.includes(':id');
  if (one) command.argument('<id>', 'its id');
  else command.argument('[filters...]', 'name=value of any other parameter');
  for (const name of query.options) {
    const flags = `--${name} <value>`;
    const text = describe(name);
    const parse = MOMENTS.includes(name) ? moment : (value: string): string => value;
    if (query.required?.includes(name)) command.requiredOption(flags, text, parse);
    else command.option(flags, text, parse);
  }
  withMoments(command).action((given: string | string[], _options: object, own: Command) =>
    act((session) => {
      const { json, csv, minPosition, ...options } = own.optsWithGlobals<
        AskOptions & Readonly<Record<string, string>>
      >();
      const id = typeof given === 'string' ? given : '';
      const filters = typeof given === 'string' ? {} : pairs(given);
      const path = query.path.replace(':id', encodeURIComponent(id));
      const format = { ...(csv && { csv }), ...(json && { json }), ...(minPosition && { minPosition }) };
      return ask(serverOf(session), path, { ...filters, ...options }, format, query.view);
    }),
  );
}

const descriptions: Readonly<Record<string, string>> = {
  by: 'split the figures, such as owner, region, product or customer.industry',
  from: 'beginning of the period (RFC 3339, or a day)',
  to: 'its end; now where left out',
  currency: 'currency of the answer',
  attribute: 'name:value of a custom field',
  basis: 'what ranks customers: grossProfit or revenue; profit where it is known',
  after: 'events after this position',
  window: 'days up to the as-of moment that count',
  margin: 'share of lost revenue that is lost profit (0 to 1)',
  sort: 'a field, or -field for the other way round',
  limit: 'rows of a page',
  cursor: 'where the page before ended',
};

const describe = (name: string): string => descriptions[name] ?? `only this ${name.replaceAll('-', ' ')}`;
