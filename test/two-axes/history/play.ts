import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { complaintActs } from './complaint-acts';
import type { Command, Sent, StreamNow } from './command-path';
import { CommandPath } from './command-path';
import { customerActs } from './customer-acts';
import { dealActs } from './deal-acts';
import { steeringActs } from './steering-acts';
import type { Acts } from './draft';
import type { Act, Step } from './steps';
import type { Kind } from './world';
import { START, World } from './world';

const acts: Required<Acts> = { ...steeringActs, ...customerActs, ...dealActs, ...complaintActs };

/** What makes the first thing of a kind. */
const MAKERS: Readonly<Record<Kind, Act>> = {
  seller: 'define-seller',
  product: 'define-product',
  department: 'define-department',
  rate: 'record-rate',
  customer: 'register',
  purchase: 'record-purchase',
  deal: 'open-deal',
  complaint: 'file-complaint',
};

/** Something of a kind, so that the draft can be made that looks at its state. */
const SUBJECTS: Readonly<Record<string, Kind>> = {
  purchase: 'purchase',
  lines: 'purchase',
  refund: 'purchase',
  deal: 'deal',
  criterion: 'deal',
  complaint: 'complaint',
  finding: 'complaint',
};

/** A history that was played: its commands with what became of them, and the log that they left. */
export interface Played {
  readonly sent: readonly Sent[];
  readonly log: readonly RecordedEvent[];
  /** The moment behind the last command. */
  readonly end: Instant;
}

/** Plays steps through the real command path. */
export async function play(steps: readonly Step[]): Promise<Played> {
  const world = new World();
  for (const step of steps) {
    world.path.now += step.wait;
    await take(world, step, step.act, 4);
  }
  return playedOf(world.path);
}

/** Sends commands as they stand, each at a given moment. */
export async function replay(sent: readonly Pick<Sent, 'line' | 'at'>[]): Promise<Played> {
  const path = new CommandPath(sent[0]?.at ?? START);
  for (const { line, at } of sent) {
    path.now = Date.parse(at);
    await path.send(line);
  }
  return playedOf(path);
}

const playedOf = async (path: CommandPath): Promise<Played> => ({
  sent: path.sent,
  log: await path.log(),
  end: path.clock(),
});

async function take(world: World, step: Step, act: Act, attempts: number): Promise<void> {
  const subject = SUBJECTS[act.split('-').at(-1) ?? ''];
  const opens = Object.values(MAKERS).includes(act) || act.startsWith('import-');
  const seen = subject === undefined || opens ? undefined : world.some(subject, step.who);
  if (subject !== undefined && !opens && seen === undefined)
    return attempts > 0 ? take(world, step, MAKERS[subject], attempts - 1) : undefined;
  const now =
    seen === undefined || subject === undefined ? nothing : await world.stream(anyOf[subject], seen);
  const draft = acts[act](world, step, now);
  if ('retry' in draft) return attempts > 0 ? take(world, step, draft.retry, attempts - 1) : undefined;
  const { command, makes, about, needs, unless, data } = draft;
  if (needs !== undefined && world.some(needs, 0) === undefined)
    return attempts > 0 ? take(world, step, MAKERS[needs], attempts - 1) : undefined;
  const id = makes === undefined ? about && world.some(about, step.who) : world.fresh(makes);
  if (id === undefined) {
    const instead = makes === undefined ? about && MAKERS[about] : MORE[makes];
    return instead !== undefined && attempts > 0 ? take(world, step, instead, attempts - 1) : undefined;
  }
  const better = about && unless?.((await world.stream(command, id)).state);
  if (better !== undefined && attempts > 0) return take(world, step, better, attempts - 1);
  const occurredAt = await world.moment(step, command, id);
  const line: Command = {
    command,
    id,
    ...(occurredAt === undefined ? {} : { occurredAt }),
    data: JSON.parse(JSON.stringify(data)) as object,
  };
  await world.send(line);
  if (makes !== undefined && world.path.sent.at(-1)?.status !== 'refused') world.note(makes, id);
}

const nothing: StreamNow = { events: [], state: undefined, last: undefined };

/** Some command of each kind, which knows the kind's stream. */
const anyOf: Readonly<Record<Kind, string>> = {
  seller: 'DefineSeller',
  product: 'DefineProduct',
  department: 'DefineDepartment',
  rate: 'RecordExchangeRate',
  customer: 'RegisterCustomer',
  purchase: 'RecordPurchase',
  deal: 'OpenDeal',
  complaint: 'FileComplaint',
};

/** What is done with things of a kind when there are enough of them. */
const MORE: Readonly<Record<Kind, Act | undefined>> = {
  seller: 'revise-seller',
  product: 'revise-product',
  department: undefined,
  rate: undefined,
  customer: 'update-profile',
  purchase: 'correct-lines',
  deal: 'work-deal',
  complaint: 'work-complaint',
};
