import { setTimeout as pause } from 'node:timers/promises';
import type { Answer } from '../client/client';
import { isRecord } from '../import/types';
import { type Check, bad, good } from './check';

const LOOK_AGAIN_MS = 1_000;

interface Model {
  readonly model: string;
  readonly position: string;
  /** Events behind the head; unknown where positions of the log do not count events. */
  readonly lag: bigint | undefined;
  readonly isBehind: boolean;
  readonly seconds: number;
  readonly parked: number;
  /** Shards that no worker holds. */
  readonly free: number;
}

interface Rebuild {
  readonly model: string;
  readonly generation: string;
  readonly state: string;
  readonly phase: string;
  readonly done: number;
  readonly total: number;
}

/**
 * Whether the read models are up to date or on their way, and have set nothing aside; each says which command is next.
 * @param readiness what the server says of itself
 * @param again asks it once more
 * @param wait milliseconds until then
 */
export async function projectionChecks(
  readiness: Answer,
  again: () => Promise<Answer>,
  wait = LOOK_AGAIN_MS,
): Promise<readonly Check[]> {
  const models = modelsOf(readiness);
  if (models.length === 0) return [];
  return [
    await progress(models, () => pause(wait).then(again)),
    parkedKeys(models),
    ...policyKeys(readiness),
    ...partsOf(readiness, 'rebuilds').map(rebuildOf).map(rebuildCheck),
    ...noticesOf(readiness).map((notice) => good('notice', notice)),
  ];
}

async function progress(models: readonly Model[], again: () => Promise<Answer>): Promise<Check> {
  const name = 'read models';
  const behind = models.filter(({ isBehind }) => isBehind);
  if (behind.length === 0) return good(name, 'up to date');
  const stuck = await standingStill(behind, again);
  if (stuck.length === 0) return good(name, `catching up, ${behindInWords(behind)} behind`);
  const detail = `${stuck.map(({ model }) => model).join(', ')} do not move, ${behindInWords(stuck)} behind`;
  return stuck.some(({ free }) => free > 0)
    ? bad(
        name,
        detail,
        'no worker holds all of their shards: start one (npm start, or GUANXI_ROLE=worker npm start)',
      )
    : bad(
        name,
        detail,
        '"guanxi projections lag" shows whether they go on; if not, the log of the worker says why',
      );
}

function behindInWords(models: readonly Model[]): string {
  const most = models.reduce<bigint | undefined>(
    (high, { lag }) => (lag !== undefined && (high === undefined || lag > high) ? lag : high),
    undefined,
  );
  const seconds = `${Math.max(...models.map((model) => model.seconds)).toFixed(1)} s`;
  return most === undefined ? seconds : `${String(most)} events and ${seconds}`;
}

function parkedKeys(models: readonly Model[]): Check {
  const name = 'parked keys';
  const parked = models.filter((model) => model.parked > 0);
  const [first] = parked;
  if (!first) return good(name, 'none');
  return bad(
    name,
    parked.map(({ model, parked: keys }) => `${model}: ${String(keys)}`).join(', '),
    `an event could not be folded, all other keys go on: "guanxi dead-letters list --model ${first.model}" names it and the error`,
  );
}

/** Nothing to say of a server that knows no policies. */
function policyKeys(readiness: Answer): readonly Check[] {
  const policies = partsOf(readiness, 'policies');
  if (policies.length === 0) return [];
  const name = 'parked keys of policies';
  const parked = policies.filter((each) => number(each['parked']) > 0);
  if (parked.length === 0) return [good(name, 'none')];
  const detail = parked.map((each) => `${String(each['policy'])}: ${String(each['parked'])}`).join(', ');
  const advice =
    'a policy does nothing for them, all other keys go on: "guanxi dead-letters list --source policy" names event and error';
  return [bad(name, detail, advice)];
}

function rebuildCheck({ model, generation, state, phase, done, total }: Rebuild): Check {
  const share = total > 0 ? `, ${String(Math.floor((100 * done) / total))} %` : '';
  const detail = `${generation}: ${state}, ${phase}${share}`;
  if (state === 'running') return good('rebuild', detail);
  const advice = `"guanxi projections rebuild ${model}" goes on, with --cancel it is given up`;
  return state === 'paused' ? { ...good('rebuild', detail), advice } : bad('rebuild', detail, advice);
}

/** Those that are still behind and have not moved after a while. */
async function standingStill(
  behind: readonly Model[],
  again: () => Promise<Answer>,
): Promise<readonly Model[]> {
  const later = modelsOf(await again().catch(() => ({})));
  return behind.filter(({ model, position }) =>
    later.some((each) => each.model === model && each.isBehind && each.position === position),
  );
}

const modelsOf = (readiness: Answer): readonly Model[] =>
  partsOf(readiness, 'models').map((each) => {
    const lag = positive(each['lag']);
    return {
      ...{ model: String(each['model']), position: String(each['position']), lag },
      isBehind: (lag ?? positive(each['distance']) ?? 0n) > 0n,
      ...{ seconds: number(each['lagSeconds']), parked: number(each['parked']) },
      free: number(each['shards']) - number(each['held']),
    };
  });

const rebuildOf = (each: Readonly<Record<string, unknown>>): Rebuild => ({
  ...{ model: String(each['model']), generation: String(each['generation']) },
  ...{ state: String(each['state']), phase: String(each['phase']) },
  ...{ done: number(each['done']), total: number(each['total']) },
});

function noticesOf({ projections: state }: Answer): readonly string[] {
  const notices = isRecord(state) ? state['notices'] : undefined;
  return (Array.isArray(notices) ? notices : []).filter((notice) => typeof notice === 'string');
}

function partsOf({ projections: state }: Answer, name: string): readonly Readonly<Record<string, unknown>>[] {
  const parts = isRecord(state) ? state[name] : undefined;
  return (Array.isArray(parts) ? parts : []).filter(isRecord);
}

const number = (value: unknown): number => (typeof value === 'number' ? value : 0);

const positive = (value: unknown): bigint | undefined =>
  typeof value === 'string' && /^\d+$/.test(value) ? BigInt(value) : undefined;
