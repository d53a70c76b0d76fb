import type { AnyReadModel } from '../read-model';
import { columnsFromCode, commentOf } from './analysis-columns';

/** What analysts can read by SQL, as a page of Markdown that follows from the read models. */
export const analysisDoc = (models: readonly AnyReadModel[]): string =>
  [INTRODUCTION, ...[...models].sort((a, b) => (a.name < b.name ? -1 : 1)).map(section)].join('\n\n') + '\n';

function section(model: AnyReadModel): string {
  const rows = columnsFromCode(model).map(({ name, type, words }) => [`\`${name}\``, type, words ?? '']);
  return [`## ${model.name}`, commentOf(model), markdownTable([['column', 'type', 'meaning'], ...rows])].join(
    '\n\n',
  );
}

function markdownTable([head = [], ...rows]: readonly (readonly string[])[]): string {
  const widths = head.map((title, column) =>
    Math.max(title.length, ...rows.map((row) => (row[column] ?? '').length)),
  );
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, column) => cell.padEnd(widths[column] ?? 0)).join(' | ')} |`;
  return [line(head), line(widths.map((width) => '-'.repeat(width))), ...rows.map(line)].join('\n');
}

const INTRODUCTION = `# Reading by SQL

Reference for analysts. Schema \`analysis\` holds the read models in a form that stays: tables of the engine come and go
with rebuilds, what stands here follows whichever generation answers, from the very moment of a switch on.

For each read model, such as \`deals\`, there are

- \`analysis.deals\`: the rows of now;
- \`analysis.deals_at(as_of, as_known_at)\`: the rows of any moment. \`as_of\` is the moment whose truth is told, and
  \`as_known_at\` the moment whose knowledge it rests on; both may be left out;
- \`analysis.deals_versions\`: every version that a row ever had. It was true from \`valid_from\` until \`valid_to\`, was
  held to be right from position \`opened_pos\` of the log until \`superseded_pos\`, and that it ended is known since
  \`closed_pos\`.

\`\`\`sql
-- the pipeline of today, by stage
select stage, count(*), sum(value) / 100.0 as value from analysis.deals where status = 'open' group by stage;

-- the same at the end of March, as we knew it then, and as we know it now
select stage, count(*) from analysis.deals_at('2026-03-31', '2026-03-31') where status = 'open' group by stage;
select stage, count(*) from analysis.deals_at('2026-03-31') where status = 'open' group by stage;
\`\`\`

Moments before the first event give no rows; moments in the future give what stands. An answer counts in all events up to
\`analysis.known_position('deals', null)\`. Where the events are in KurrentDB, \`as_known_at\` cannot be asked by SQL, which
then says so; the HTTP interface answers it.

Amounts are whole numbers of minor units (fen, cents) of the currency beside them. The functions read all versions that
they need: for figures at the speed of the product ask its HTTP interface.

## Access

The embedded PostgreSQL has another port at each start and no user but the product's own: analysts read a PostgreSQL that
\`DATABASE_URL\` names.

Make a role that can read this schema alone; it sees neither the events nor the engine's tables. Grants stay where a view
is made anew.

\`\`\`sql
create role analyst login password '...';
alter role analyst set default_transaction_read_only = on;
alter role analyst set statement_timeout = '60s';
grant usage on schema analysis to analyst;
grant select on all tables in schema analysis to analyst;
alter default privileges in schema analysis grant select on tables to analyst;
\`\`\`

The last statement is to be given by the role under which the product runs: it speaks for the views that this role makes
from then on. Rows hold personal data: grant single views where not all may be seen.

Columns come and go with versions of a read model. New ones come behind the others, so that what rests on a view goes on;
a switch that takes a column away is refused as long as a view of your own rests on it.`;
