import { type Answer, Client } from '../client/client';
import { serverSettings } from '../client/settings';
import { isRecord, messageOf } from '../import/types';
import { type Check, bad, good } from './check';
import { downstreamChecks } from './downstream';
import { projectionChecks } from './projections';

/** Whether the server is there, takes the key, keeps its read models up to date, has set nothing aside, and tells others. */
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
  return [
    reached,
    await keyCheck(client),
    ...(await projectionChecks(readiness, () => client.readiness())),
    ...downstreamChecks(readiness),
  ];
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

/** The last position of the log, if the server tells it. */
export function headOf(readiness: Answer): string | undefined {
  const { projections: state } = readiness;
  const head = isRecord(state) ? state['head'] : undefined;
  return typeof head === 'string' ? head : undefined;
}
