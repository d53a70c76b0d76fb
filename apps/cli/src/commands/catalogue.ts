import type { Command } from 'commander';
import { Failure } from '../failures';
import { isRecord } from '../import/types';
import { type Act, serverOf } from '../session';
import { column, fields, table } from '../show/table';

const columns = [column('name'), column('route'), column('role'), column('summary')];

/** `guanxi commands [NAME]` */
export function catalogueCommand(program: Command, act: Act): void {
  program
    .command('commands')
    .description('the commands that the server knows; one of them with its example')
    .argument('[name]', 'one command')
    .action((name: string | undefined) =>
      act(async (session) => {
        const { commands } = await serverOf(session).get('v1/commands');
        const all = (Array.isArray(commands) ? commands : []).filter(isRecord);
        if (name === undefined) return { json: { commands: all }, text: table(all, columns) };
        const one = all.find((each) => String(each['name']).toLowerCase() === name.toLowerCase());
        if (!one)
          throw new Failure('command.unknown', `there is no command ${name}; guanxi commands lists them`);
        const example = JSON.stringify(one['example'], undefined, 2);
        return { json: one, text: `${fields(one, columns)}\n\nexample data\n${example}` };
      }),
    );
}
