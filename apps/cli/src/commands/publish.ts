import type { Command } from 'commander';
import { InvalidArgumentError } from 'commander';
import { whole } from '../arguments';
import { WrongUse } from '../failures';
import type { Act, Result, Session } from '../session';
import { column, fields, table } from '../show/table';

interface ReplayFlags {
  readonly topic: string;
  readonly from: bigint;
  readonly to?: bigint;
  readonly types?: readonly string[];
  readonly topics?: readonly string[];
  readonly rate?: number;
}

/** `guanxi publish status|retry|replay` */
export function publishCommand(program: Command, act: Act): void {
  const publish = program
    .command('publish')
    .description(
      'public events in Kafka: how far they are, keys that were set aside, and publishing once more; in the PostgreSQL of DATABASE_URL or the embedded one',
    );
  publish
    .command('status')
    .description('how far the relay has come, what it is doing, and which keys are set aside')
    .action(() => act(status));
  publish
    .command('retry')
    .description('have the relay try keys again that were set aside; it does so within seconds')
    .argument('[stream]', 'the key, such as deal-0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d')
    .option('--all', 'all keys')
    .action((stream: string | undefined, { all }: { readonly all?: boolean }) =>
      act((session) => {
        if ((stream === undefined) !== (all === true)) throw new WrongUse('name a key, or --all');
        return retry(session, stream);
      }),
    );
  publish
    .command('replay')
    .description(
      'publish what was recorded once more, to a topic of its own on the brokers of KAFKA_BROKERS; the same command goes on where it ended',
    )
    .requiredOption('--topic <name>', 'the topic; it is made if it is missing')
    .requiredOption('--from <position>', 'the first position; 0: from the beginning', positionOrBeginning)
    .option(
      '--to <position>',
      'the last position (the end of the log; when it is to go on, name it)',
      position,
    )
    .option('--types <names>', 'only these events: deal-won or deal-won.v1, with commas between', listOf)
    .option('--topics <names>', 'only what is published to these topics, with commas between', listOf)
    .option('--rate <messages>', 'messages a second at most', whole(1, 1_000_000))
    .action((flags: ReplayFlags) => act((session) => replay(session, flags)));
}

async function status(session: Session): Promise<Result> {
  const [{ withPublishing }, { relayLag }] = await Promise.all([
    import('./publish-database'),
    import('@guanxi/publishing'),
  ]);
  return withPublishing(session, async ({ pool, store, registry, book }) => {
    const { relay, head, lag, lagSeconds, parked } = await relayLag({
      ...{ pool, store, registry, book, clock: Date.now },
    });
    const about = {
      phase: relay?.phase ?? 'never begun',
      reason: relay?.reason ?? null,
      position: String(relay?.position ?? 0n),
      ...{ head: String(head), lag: String(lag), lagSeconds },
      holder: relay?.holder ?? null,
      silentSeconds: relay?.silentSeconds ?? null,
    };
    const columns = [
      ...[column('phase'), column('reason'), column('position'), column('head', 'end of the log')],
      ...[column('lag', 'behind'), column('lagSeconds', 'behind by s', 'short'), column('holder', 'worker')],
      column('silentSeconds', 'last heard of, s ago', 'short'),
    ];
    const parts = [fields(about, columns)];
    if (parked.length > 0) {
      parts.push(
        table(parked, [
          ...[column('stream', 'key'), column('position'), column('type', 'halted at'), column('contract')],
          ...[column('since'), column('triedAt', 'last tried'), column('reason', 'reason', 'whole')],
        ]),
        'Next: mend the mapping or the setting, then "guanxi publish retry --all"; later events of these keys wait.',
      );
    }
    return { json: { ...about, parked }, text: parts.join('\n\n') };
  });
}

async function retry(session: Session, stream: string | undefined): Promise<Result> {
  const [{ withPublishing }, { wantRetry }, { Failure }] = await Promise.all([
    import('./publish-database'),
    import('@guanxi/publishing'),
    import('../failures'),
  ]);
  return withPublishing(session, async ({ pool }) => {
    const keys = await wantRetry(pool, stream);
    if (stream !== undefined && keys.length === 0)
      throw new Failure('publish.not-parked', `${stream} is not set aside; see "guanxi publish status"`);
    const text =
      keys.length === 0
        ? 'no key is set aside'
        : `${keys.length} keys are tried again as soon as the relay publishes; see "guanxi publish status"`;
    return { json: { keys }, text };
  });
}

const TELL_MILLISECONDS = 2_000;

async function replay(session: Session, { to, ...flags }: ReplayFlags): Promise<Result> {
  const [{ kafkaOf, withPublishing }, { KafkaPublisher, PublisherError, replayTo }, { Failure }] =
    await Promise.all([import('./publish-database'), import('@guanxi/publishing'), import('../failures')]);
  const kafka = kafkaOf(session);
  return withPublishing(session, async ({ store, registry, book }) => {
    const { position: head } = await store.head();
    const last = to ?? head;
    if (last > head)
      throw new Failure('publish.beyond-end', `position ${last} does not exist: the log ends at ${head}`);
    const id = `guanxi-replay-${flags.topic}`;
    const publisher = new KafkaPublisher({
      ...kafka,
      transactionalId: id,
      statePrefix: `replay/${flags.topic}/`,
    });
    const say = (line: string): void => {
      session.screen.write(`${line}\n`);
    };
    const progress = progressTo(say);
    try {
      const order = { ...flags, to: last };
      const parts = { store, registry, book, publisher, log: { info: say, warn: say }, observer: progress };
      const done = await replayTo(parts, order, session.interruption());
      const result = {
        topic: flags.topic,
        from: String(flags.from),
        to: String(last),
        messages: progress.sent,
      };
      const parked = [...done.parked].map(([stream, key]) => ({
        stream,
        ...key,
        position: String(key.position),
      }));
      return {
        json: { ...result, isDone: done.isDone, position: String(done.position), parked },
        text: inWords(done.isDone, { ...result, position: done.position, parked: parked.length }),
        failed: !done.isDone || parked.length > 0,
      };
    } catch (error) {
      throw error instanceof PublisherError ? new Failure(`publish.${error.kind}`, error.message) : error;
    }
  });
}

function inWords(
  isDone: boolean,
  about: { topic: string; to: string; messages: number; position: bigint; parked: number },
): string {
  const { topic, to, messages, position, parked } = about;
  const sent = `${messages} messages published to ${topic}`;
  const rest = parked > 0 ? `; ${parked} keys are set aside, the same command tries them again` : '';
  if (isDone) return `${sent}, up to position ${to}${rest}`;
  return `${sent}, stopped at position ${position}; the same command with --to ${to} goes on${rest}`;
}

function progressTo(say: (line: string) => void) {
  let told = performance.now();
  const progress = {
    sent: 0,
    published: ({ messages }: { readonly messages: number }) => {
      progress.sent += messages;
      if (performance.now() - told < TELL_MILLISECONDS) return;
      told = performance.now();
      say(`published ${progress.sent} messages`);
    },
    failed: () => undefined,
    parked: () => undefined,
    healed: () => undefined,
  };
  return progress;
}

const listOf = (text: string): readonly string[] => text.split(',').map((each) => each.trim());

const positionOrBeginning = (text: string): bigint => (text === '0' ? 0n : position(text));

function position(text: string): bigint {
  if (/^[1-9]\d{0,18}$/.test(text)) return BigInt(text);
  throw new InvalidArgumentError('must be a position, a whole number from 1 on.');
}
