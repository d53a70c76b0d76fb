import type { Command } from 'commander';
import { InvalidArgumentError, Option } from 'commander';
import { moment } from '../arguments';
import { WrongUse } from '../failures';
import type { Act, Result, Session } from '../session';
import { serverOf } from '../session';
import { column, table } from '../show/table';

interface ListOptions {
  readonly status?: string;
  readonly limit: string;
  readonly cursor?: string;
}

interface ReplayOptions {
  readonly after?: string;
  readonly from?: string;
}

/** `guanxi webhooks list|deliveries|retry|replay` */
export function webhooksCommand(program: Command, act: Act): void {
  const webhooks = program
    .command('webhooks')
    .description(
      'webhooks and their deliveries; to register or change one, "guanxi send RegisterWebhook" and the like',
    );
  webhooks
    .command('list')
    .description('every webhook, where it stands, how far it is behind and how many keys wait')
    .action(() => act((session) => list(session)));
  webhooks
    .command('deliveries')
    .description('deliveries of a webhook, the newest first')
    .argument('<webhook>', 'its id')
    .addOption(
      new Option('--status <status>', 'only such deliveries').choices(['waiting', 'delivered', 'superseded']),
    )
    .option('--limit <count>', 'most deliveries that are listed', limit, '20')
    .option('--cursor <cursor>', 'go on behind the page that named it')
    .action((webhook: string, options: ListOptions) =>
      act((session) => deliveries(session, webhook, options)),
    );
  webhooks
    .command('retry')
    .description('try a delivery that waits now')
    .argument('<webhook>', 'its id')
    .argument('<delivery>', 'the id of the delivery')
    .action((webhook: string, delivery: string) =>
      act(async (session) => {
        const path = `${pathOf(webhook)}/deliveries/${encodeURIComponent(delivery)}/retry`;
        return { json: await serverOf(session).post(path, {}), text: 'it is tried within seconds' };
      }),
    );
  webhooks
    .command('replay')
    .description('tell a webhook past events again, under the same webhook-ids')
    .argument('<webhook>', 'its id')
    .option('--after <position>', 'those behind this position')
    .option('--from <moment>', 'those recorded at this moment (RFC 3339, or a day) or later', moment)
    .action((webhook: string, options: ReplayOptions) => act((session) => replay(session, webhook, options)));
}

async function list(session: Session): Promise<Result> {
  const answer = await serverOf(session).get('v1/webhooks');
  const items: readonly unknown[] = Array.isArray(answer['items']) ? answer['items'] : [];
  const columns = [
    ...[column('id'), column('url'), column('status'), column('reason'), column('position')],
    ...[column('lag'), column('lagSeconds', 'lag in s', 'short'), column('waitingKeys', 'waiting keys')],
    ...[column('failingSeconds', 'failing for s', 'short'), column('description')],
  ];
  return { json: answer, text: items.length === 0 ? 'no webhook is registered' : table(items, columns) };
}

async function deliveries(session: Session, webhook: string, options: ListOptions): Promise<Result> {
  const { status, limit: most, cursor } = options;
  const parameters = { status, limit: most, cursor };
  const answer = await serverOf(session).get(`${pathOf(webhook)}/deliveries`, { parameters });
  const items: readonly unknown[] = Array.isArray(answer['items']) ? answer['items'] : [];
  const columns = [
    ...[column('id'), column('type'), column('key'), column('position'), column('status')],
    ...[column('attempts', 'tries'), column('answer'), column('milliseconds', 'ms'), column('error')],
    ...[column('triedAt', 'tried'), column('nextAt', 'next')],
  ];
  const next = answer['nextCursor'];
  const more = typeof next === 'string' ? `\n\nMore: --cursor ${next}` : '';
  const none = status === undefined ? 'nothing to list' : `nothing to list with status ${status}`;
  return { json: answer, text: items.length === 0 ? none : `${table(items, columns)}${more}` };
}

async function replay(session: Session, webhook: string, { after, from }: ReplayOptions): Promise<Result> {
  if ((after === undefined) === (from === undefined))
    throw new WrongUse('say --after or --from, one of them');
  const data = after === undefined ? { from } : { after };
  const answer = await serverOf(session).post(`${pathOf(webhook)}/replay`, data);
  return { json: answer, text: 'it is told again; "guanxi webhooks list" shows how far it has come' };
}

const pathOf = (webhook: string): string => `v1/webhooks/${encodeURIComponent(webhook)}`;

function limit(text: string): string {
  if (/^(?:[1-9]\d{0,2}|1000)$/.test(text)) return text;
  throw new InvalidArgumentError('must be a whole number from 1 to 1000.');
}
