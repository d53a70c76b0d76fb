import { setTimeout as pause } from 'node:timers/promises';
import { randomUUID } from 'node:crypto';
import type { Answer, Client, Parameters } from '../client/client';
import { queries } from '../commands/query-table';
import { Failure, Refusal } from '../failures';
import { isRecord } from '../import/types';
import { refusalInWords } from '../refusal-words';
import { shownAnswer } from '../show/answer';
import { at, column, table } from '../show/table';
import { isMoney } from '../show/amounts';
import type { Stage } from './stage';

const DAY = 86_400_000;

/** Something worth seeing: what it is, how to ask it by hand, what came of it. */
export interface Scene {
  readonly name: string;
  readonly title: string;
  readonly curl: string;
  readonly text: string;
  readonly json: unknown;
}

/** A query that has a command of its own, asked and shown as that command does. */
export async function shown(
  stage: Stage,
  name: string,
  title: string,
  more: Parameters = {},
): Promise<Scene> {
  const query = queries.find((each) => each.name === name);
  if (!query) throw new Error(`no query ${name}`);
  const parameters = { ...more, ...stage.moment };
  const json = await stage.client.get(query.path, { parameters, minPosition: stage.position });
  const curl = stage.curl(query.path, parameters);
  return { name, title, curl, text: shownAnswer(json, query.view), json };
}

/** Churn of each quarter, the earliest first. */
export async function churnHistory(
  stage: Stage,
  quarters: readonly (readonly [from: Date, to: Date])[],
): Promise<Scene> {
  const rows: Answer[] = [];
  let curl = '';
  for (const [from, to] of quarters) {
    const parameters = { from: from.toISOString(), to: to.toISOString(), ...stage.moment };
    const { total } = await stage.client.get('v1/churn/history', { parameters, minPosition: stage.position });
    const quarter = `${String(from.getUTCFullYear())}-Q${String(Math.floor(from.getUTCMonth() / 3) + 1)}`;
    rows.push({ quarter, ...(isRecord(total) ? total : {}) });
    curl = stage.curl('v1/churn/history', parameters);
  }
  const plain = ['quarter', 'opening', 'new', 'returned', 'lost', 'closing'].map((path) => column(path));
  const rates = [
    column('rateOnClosing', 'on closing', 'percent'),
    column('rateOnOpening', 'on opening', 'percent'),
  ];
  const text = table(rows, [...plain, ...rates, column('revenueLost', 'revenue lost a year')]);
  return { name: 'churn', title: 'Customers won and lost, quarter by quarter', curl, text, json: rows };
}

/** An advance that skips rules: refused, each rule by its name. @throws Failure `demo.scene` */
export async function refusedCommand(stage: Stage): Promise<Scene> {
  const { client, position } = stage;
  const parameters = { status: 'open', stage: 'C,D', limit: '200' };
  const found = itemsOf(await client.get('v1/deals', { parameters, minPosition: position }));
  const [deal] = found.filter((each) => confirmed(each) < 5).sort((a, b) => confirmed(b) - confirmed(a));
  if (!deal) throw new Failure('demo.scene', 'no open deal is short of criteria');
  const id = String(deal['id']);
  const title = `A command that skips rules: AdvanceDeal ${String(deal['externalRef'])} from ${String(deal['stage'])} to A`;
  const curl = stage.curl(`v1/deals/${id}/advance`, {}, { to: 'A' });
  try {
    await client.command({ command: 'AdvanceDeal', id, key: randomUUID(), data: { to: 'A' } });
  } catch (error) {
    if (!(error instanceof Refusal)) throw error;
    return { name: 'refused', title, curl, text: refusalInWords(error), json: error.problem };
  }
  throw new Failure('demo.scene', 'the server accepted an advance that skips rules');
}

const confirmed = ({ criteria }: Answer): number => (Array.isArray(criteria) ? criteria.length : 0);

/**
 * A correction of the past, and the board of a past moment as it is known now and as it was known before. What was
 * believed then stays what it was. @throws Failure `demo.scene`
 */
export async function correctedPast(stage: Stage): Promise<Scene> {
  const { client, until } = stage;
  const asOf = new Date(until - 30 * DAY).toISOString();
  const board = (more: Parameters, minPosition = stage.position): Promise<Answer> =>
    client.get('v1/pipeline/board', { parameters: { asOf, ...more }, minPosition });
  const before = await board({});
  const asKnownAt = String(before['asKnownAt']);
  await nextMillisecond(asKnownAt);
  const corrected = await correctLargest(client, asOf, stage.position);
  const after = await board({}, corrected.position);
  const asBelieved = await board({ asKnownAt }, corrected.position);
  if (summed(before) !== summed(asBelieved)) {
    throw new Failure('demo.scene', 'what was known before the correction has changed');
  }
  const rows = [
    { board: 'as of then, before the correction', ...figures(before) },
    { board: 'as of then, as known now', ...figures(after) },
    { board: 'as of then, as known before', ...figures(asBelieved) },
    {
      board: "today's",
      ...figures(await client.get('v1/pipeline/board', { minPosition: corrected.position })),
    },
  ];
  const columns = [
    column('board'),
    column('asOf', 'as of'),
    column('asKnownAt', 'as known at'),
    column('count', 'deals'),
    column('value'),
  ];
  const title = `The past, corrected: ${corrected.told}`;
  const curl = [{ asOf }, { asOf, asKnownAt }]
    .map((each) => stage.curl('v1/pipeline/board', each))
    .join('\n');
  return {
    name: 'asKnownAt',
    title,
    curl,
    text: table(rows, columns),
    json: { asOf, asKnownAt, before, after, asBelieved },
  };
}

async function correctLargest(
  client: Client,
  asOf: string,
  position: string,
): Promise<{ position: string; told: string }> {
  const parameters = { status: 'open', asOf, sort: '-value', limit: '1' };
  const [deal] = itemsOf(await client.get('v1/deals', { parameters, minPosition: position }));
  const value = deal?.['value'];
  if (!deal || !isMoney(value)) throw new Failure('demo.scene', `no deal was open as of ${asOf}`);
  const right = { amount: Math.round(value.amount * 1.25), currency: value.currency };
  const answer = await client.command({
    ...{ command: 'CorrectDeal', id: String(deal['id']), key: randomUUID(), occurredAt: asOf },
    data: { value: right, reason: 'the offer said a quarter more' },
  });
  const told = `${String(deal['externalRef'])} was worth a quarter more since ${asOf.slice(0, 10)}, as we learn now`;
  return { position: String(answer['position']), told };
}

/** What is counted and summed; the last digit of a mean may depend on the order in which rows are read. */
const summed = (board: Answer): string =>
  JSON.stringify(['count', 'value', 'weighted'].map((path) => at(board, `total.${path}`)));

const figures = (answer: Answer): object => ({
  asOf: String(answer['asOf']).slice(0, 10),
  asKnownAt: answer['asKnownAt'],
  count: at(answer, 'total.count'),
  value: at(answer, 'total.value'),
});

const itemsOf = ({ items }: Answer): readonly Answer[] =>
  Array.isArray(items) ? items.filter(isRecord) : [];

/** Knowledge is told apart by the millisecond: the correction must not fall into the one of the question. */
async function nextMillisecond(moment: string): Promise<void> {
  while (Date.now() <= Date.parse(moment)) await pause(1);
}
