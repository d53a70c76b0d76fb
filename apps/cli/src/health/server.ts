import { setTimeout as pause } from 'node:timers/promises';
import { type Answer, Client } from '../client/client';
import { serverSettings } from '../client/settings';
import { isRecord, messageOf } from '../import/types';
import { type Check, bad, good } from './check';

const LOOK_AGAIN_MS = 1_000;

interface Model {
  readonly model: string;
  readonly position: string;
  readonly lag: bigint;
  readonly parked: number;
}

/** Whether the server is there, takes the key, keeps its read models up to date, and has set nothing aside. */
export async function serverChecks(env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  let client: Client;
  let readiness: Answer;
  try {
    client = new Client(serverSettings(env));
    readiness = await client.readiness();
  } catch (error) {
    return [bad('server', messageOf(error), 'npm start')];
  }
  const { url } = client.settings;
  const ready = readiness['status'] === 'ready';
  const database = `database ${String(readiness['database'])}`;
  const reached = ready
    ? good('server', `${url} is ready`)
    : bad('server', `${url} is not ready (${database})`, 'wait for its start, or look at its log');
  return [reached, await keyCheck(client), ...(await projections(client, readiness))];
}

async function keyCheck(client: Client): Promise<Check> {
  if (client.settings.apiKey === undefined) {
    return bad('key', 'none', 'set GUANXI_API_KEY, or GUANXI_DATA_DIR to the directory of the server');
  }
  try {
    await client.get('v1/commands');
    return good('key', 'accepted');
  } catch (error) {
    return bad(
      'key',
      messageOf(error),
      'guanxi keys create makes another; admin.key in the data directory holds the first',
    );
  }
}

async function projections(client: Client, readiness: Answer): Promise<readonly Check[]> {
  const first = modelsOf(readiness);
  if (first.length === 0) return [];
  const behind = first.filter(({ lag }) => lag > 0n);
  const stuck = behind.length === 0 ? [] : await standingStill(client, behind);
  const worst = behind.reduce((most, { lag }) => (lag > most ? lag : most), 0n);
  const parked = first.filter((model) => model.parked > 0);
  return [
    stuck.length > 0
      ? bad(
          'read models',
          `${stuck.join(', ')} do not move`,
          'look at the log of the worker; a restart resumes them',
        )
      : good(
          'read models',
          behind.length === 0 ? 'up to date' : `catching up, ${String(worst)} events behind`,
        ),
    parked.length === 0
      ? good('parked keys', 'none')
      : bad(
          'parked keys',
          parked.map(({ model, parked: keys }) => `${model}: ${String(keys)}`).join(', '),
          'an event could not be folded; the table ops.parked_keys names it and the error, all other keys go on',
        ),
  ];
}

/** Those that are still behind and have not moved after a while. */
async function standingStill(client: Client, behind: readonly Model[]): Promise<readonly string[]> {
  await pause(LOOK_AGAIN_MS);
  const later = modelsOf(await client.readiness().catch(() => ({})));
  return behind
    .filter(({ model, position }) =>
      later.some((each) => each.model === model && each.lag > 0n && each.position === position),
    )
    .map(({ model }) => model);
}

function modelsOf(readiness: Answer): readonly Model[] {
  const { projections: state } = readiness;
  const models = isRecord(state) ? state['models'] : undefined;
  return (Array.isArray(models) ? models : []).filter(isRecord).map((each) => ({
    model: String(each['model']),
    position: String(each['position']),
    lag: BigInt(typeof each['lag'] === 'string' ? each['lag'] : 0),
    parked: Number(each['parked']),
  }));
}

/** The last position of the log, if the server tells it. */
export function headOf(readiness: Answer): string | undefined {
  const { projections: state } = readiness;
  const head = isRecord(state) ? state['head'] : undefined;
  return typeof head === 'string' ? head : undefined;
}
