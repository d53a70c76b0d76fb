import { join } from 'node:path';
import type { Command } from 'commander';
import { moment, whole } from '../arguments';
import { dataDirOf } from '../client/settings';
import type { Act } from '../session';
import { endOf } from './simulate';

interface Options {
  readonly directory?: string;
  readonly seed: string;
  readonly years: number;
  readonly until?: string;
  readonly keep?: true;
  readonly exit?: true;
}

/** `guanxi demo` */
export function demoCommand(program: Command, act: Act): void {
  program
    .command('demo')
    .description('a server of its own with the two years of an invented company, and what can be asked of it')
    .option('--directory <path>', 'where its data go (demo in the data directory); emptied first')
    .option('--keep', 'keep the data of an earlier demo')
    .option('--seed <text>', 'which company', '1')
    .option('--years <n>', 'how many years', whole(1, 10), 2)
    .option('--until <moment>', 'when they end (RFC 3339, or a day); today at midnight UTC', moment)
    .option('--exit', 'stop after showing')
    .action(({ directory, seed, years, until, keep, exit }: Options) =>
      act(async (session) => {
        const { demo } = await import('../demo/demo');
        return demo(
          {
            ...{ seed, years, until: endOf(until), asOfUntil: until !== undefined },
            directory: directory ?? join(dataDirOf(session.env), 'demo'),
            keep: keep === true,
            exit: exit === true,
          },
          session,
        );
      }),
    );
}
