import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import type { KeptTimer } from '@guanxi/policies';
import type { Act, Result, Session } from '../session';
import { column, table } from '../show/table';

interface ListOptions {
  readonly policy?: string;
  readonly status?: KeptTimer['status'];
  readonly limit: number;
}

const LIMIT = 20;

/** `guanxi timers list|refused` */
export function timersCommand(program: Command, act: Act): void {
  const timers = program
    .command('timers')
    .description(
      'timers of policies and the commands they send, in the PostgreSQL of DATABASE_URL or the embedded one',
    );
  timers
    .command('list')
    .description('how many timers each policy has, how many are due or were late, and which come next')
    .option('--policy <name>', 'only timers of this policy')
    .addOption(new Option('--status <status>', 'only such timers').choices(['set', 'due', 'fired']))
    .option('--limit <count>', 'most timers that are named', limit, LIMIT)
    .action((options: ListOptions) => act((session) => list(session, options)));
  timers
    .command('refused')
    .description('commands of policies that were refused, with the rule: they are not sent again')
    .option('--limit <count>', 'most commands that are named', limit, LIMIT)
    .action((options: ListOptions) => act((session) => refused(session, options)));
}

async function list(session: Session, options: ListOptions): Promise<Result> {
  const { withPolicies } = await import('./policy-database');
  const { firedCounts, listTimers, policyStates } = await import('@guanxi/policies');
  return withPolicies(session, async (pool) => {
    const fired = new Map((await firedCounts(pool)).map((each) => [each.policy, each]));
    const policies = (await policyStates(pool)).map((state) => ({
      ...{ fired: 0, firedLate: 0 },
      ...state,
      ...fired.get(state.policy),
    }));
    const named = await listTimers(pool, options);
    return {
      json: { policies, timers: named },
      text: [
        table(policies, [
          ...[
            column('policy'),
            column('pending'),
            column('due'),
            column('lateSeconds', 'late by s', 'short'),
          ],
          ...[column('fired'), column('firedLate', 'fired late'), column('outbox'), column('refused')],
          column('next'),
        ]),
        table(named, [
          ...[column('policy'), column('key'), column('name'), column('dueAt', 'due'), column('status')],
          ...[column('firedAt', 'fired'), column('lateSeconds', 'late by s', 'short')],
        ]),
      ].join('\n\n'),
    };
  });
}

async function refused(session: Session, { limit: most }: ListOptions): Promise<Result> {
  const { withPolicies } = await import('./policy-database');
  const { listRefused } = await import('@guanxi/policies');
  return withPolicies(session, async (pool) => {
    const commands = await listRefused(pool, most);
    return {
      json: { refused: commands },
      text: table(commands, [
        ...[column('refusedAt', 'refused'), column('policy'), column('key'), column('command')],
        ...[column('code', 'rule'), column('message')],
      ]),
    };
  });
}

function limit(text: string): number {
  if (/^[1-9]\d{0,4}$/.test(text)) return Number(text);
  throw new InvalidArgumentError('must be a whole number from 1 to 99999.');
}
