import { userInfo } from 'node:os';
import type { Command } from 'commander';
import { Option } from 'commander';
import type { DeadLetterOffice, LetterFilter, LetterSource } from '@guanxi/platform';
import type { SkipOrder, Skipped } from '@guanxi/projections';
import { position } from '../arguments';
import { WrongUse } from '../failures';
import type { Act, Result, Session } from '../session';
import { listed, retried, shown, skipped } from './dead-letters-shown';

interface Meant {
  readonly source?: LetterSource;
  readonly model?: string;
  readonly policy?: string;
}

const KEY = "the row's or the policy's key, a UUID, or a stream such as deal- with a UUID";

/** `guanxi dead-letters list|show|retry|skip` */
export function deadLettersCommand(program: Command, act: Act): void {
  const letters = program
    .command('dead-letters')
    .description(
      'keys that read models, policies and the relay to Kafka have set aside because of an event that they could not take in; in the PostgreSQL of DATABASE_URL or the embedded one',
    );
  ofSource(letters.command('list'))
    .description('which keys are set aside and by whom, since when, at which event, and what waits behind it')
    .action((meant: Meant) => act((session) => withOffice(session, (office) => list(office, meant))));
  ofSource(letters.command('show'))
    .description('one key: the event, where in the code it came to a halt, and what waits')
    .argument('<key>', KEY)
    .option('--data', 'also what the events say, which is personal data')
    .action((key: string, { data = false, ...meant }: Meant & { readonly data?: boolean }) =>
      act((session) =>
        withOffice(session, async (office) => shown(await office.show(key, meant, data), data)),
      ),
    );
  ofSource(letters.command('retry'))
    .description(
      "try keys again: read models' at once with this program's code, which heals those whose fault is mended; policies' and the relay's by their workers, within seconds",
    )
    .argument('[key]', KEY)
    .option('--all', 'all keys of all sources')
    .action((key: string | undefined, { all, ...meant }: Meant & { readonly all?: boolean }) =>
      act((session) => {
        const isNamed = Object.keys(meant).length > 0;
        if (key === undefined && !isNamed && all !== true)
          throw new WrongUse(
            'name a key, or --model, --policy or --source for all of a read model, a policy or a source, or --all',
          );
        if (key !== undefined && all === true) throw new WrongUse('name a key or --all, not both');
        const filter: LetterFilter = { ...meant, ...(key === undefined ? {} : { key }) };
        return withOffice(session, async (office) => retried(await office.retry(filter)));
      }),
    );
  ofSource(letters.command('skip'))
    .description(
      'leave the event that halts a key of a read model out of that key for good; an event in the log says so. Policies and the relay leave nothing out',
    )
    .argument('<key>', KEY)
    .requiredOption('--reason <text>', 'why; it is kept in the log')
    .option('--position <position>', 'only the event there, as "show" tells it', position)
    .action((key: string, { reason, ...meant }: Meant & Pick<SkipOrder, 'reason' | 'position'>) =>
      act((session) =>
        withOffice(session, async (office) => {
          const done: Skipped = await office.skip({ ...meant, key, reason, actor: actor() });
          return skipped(done);
        }),
      ),
    );
}

const ofSource = (command: Command): Command =>
  command
    .addOption(
      new Option('--source <source>', 'only what such have set aside').choices([
        'read-model',
        'policy',
        'relay',
      ]),
    )
    .option('--model <name>', 'only of this read model')
    .option('--policy <name>', 'only of this policy');

async function withOffice(
  session: Session,
  work: (office: DeadLetterOffice) => Promise<Result>,
): Promise<Result> {
  const [{ withDatabase }, { deadLetterOffice }, { DeadLetters }, { instantOf }] = await Promise.all([
    import('./with-database'),
    import('@guanxi/platform'),
    import('@guanxi/projections'),
    import('@guanxi/kernel'),
  ]);
  const hasBrokers = (session.env['KAFKA_BROKERS'] ?? '') !== '';
  return withDatabase(session, async (opened) => {
    const { pool, store } = opened;
    const letters = new DeadLetters(opened, opened.models, () => instantOf(new Date()));
    return work(await deadLetterOffice({ pool, store, letters, hasBrokers }));
  });
}

async function list(office: DeadLetterOffice, meant: Meant): Promise<Result> {
  return listed(await office.list(meant));
}

/** Who sits at the terminal, as far as the system knows. */
function actor(): string {
  try {
    return `cli:${userInfo().username}`;
  } catch {
    return 'cli';
  }
}
