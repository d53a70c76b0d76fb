import { dataDirOf } from '../client/settings';
import { type Check, bad, good } from './check';
import { dataDirectory, embeddedPostgres, ownPostgres } from './machine';
import { serverChecks } from './server';

const OLDEST = [20, 19] as const;

/** Everything that `guanxi health` looks at, from the ground up. */
export async function allChecks(env: NodeJS.ProcessEnv): Promise<readonly Check[]> {
  const dataDir = dataDirOf(env);
  const databaseUrl = env['DATABASE_URL'] ?? '';
  return [
    nodeVersion(process.version),
    dataDirectory(dataDir),
    databaseUrl === '' ? embeddedPostgres(dataDir) : await ownPostgres(databaseUrl),
    ...(await serverChecks(env)),
  ];
}

/** @param version such as `v20.19.0` */
export function nodeVersion(version: string): Check {
  const [major = 0, minor = 0] = version.slice(1).split('.').map(Number);
  const [oldestMajor, oldestMinor] = OLDEST;
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return good('Node', version);
  return bad('Node', version, `Guanxi needs Node ${OLDEST.join('.')} or later: https://nodejs.org`);
}
