import type { Command } from 'commander';
import type { Switched } from '@guanxi/projections';
import { WrongUse } from '../failures';
import type { Act, Result } from '../session';

interface SwitchFlags {
  readonly generation?: string;
  readonly back?: boolean;
  readonly behind?: boolean;
}

/** `guanxi projections switch|drop` */
export function switchCommands(projections: Command, act: Act): void {
  projections
    .command('switch')
    .description('let another generation answer, in one transaction: whoever asks gets the one or the other')
    .argument('<model>', 'the read model')
    .option('--generation <name>', 'which (the newest that does not answer)')
    .option('--back', 'the one that answered before the last switch')
    .option('--behind', 'also when it has not caught up')
    .action((model: string, flags: SwitchFlags) =>
      act(async (session) => {
        if (flags.back && flags.generation !== undefined)
          throw new WrongUse('--back and --generation exclude each other');
        const { withDatabase } = await import('./with-database');
        const { switchServing } = await import('@guanxi/projections');
        return switched(await withDatabase(session, (opened) => switchServing(opened, model, flags)));
      }),
    );
  projections
    .command('drop')
    .description('take a generation that does not answer away, with its tables')
    .argument('<model>', 'the read model')
    .requiredOption('--generation <name>', 'which')
    .action((model: string, { generation }: { readonly generation: string }) =>
      act(async (session) => {
        const { withDatabase } = await import('./with-database');
        const { dropGeneration } = await import('@guanxi/projections');
        await withDatabase(session, (opened) => dropGeneration(opened, model, generation));
        return { json: { model, dropped: generation }, text: `${generation} is gone` };
      }),
    );
}

function switched(done: Switched): Result {
  const { model, from, to, position, lag, parked } = done;
  const lines = [
    `${to} answers for ${model} now, at position ${position}; before it was ${from}`,
    ...(lag === '0' ? [] : [`it is ${lag} events behind the end of the log`]),
    ...(parked === 0 ? [] : [`${parked} of its keys are set aside: see "guanxi dead-letters list"`]),
    `undo it with "guanxi projections switch ${model} --back"`,
  ];
  return { json: done, text: lines.join('\n') };
}
