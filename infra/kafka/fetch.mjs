import { createHash, randomUUID } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readdirSync, readFileSync, renameSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { withLock } from '../scripts/lock.mjs';
import { ROOT, runChild, say, SetUpError } from '../scripts/project.mjs';
import { whyNoJava, whyNoMaven } from './tools.mjs';

/** What is fetched, and the broker of `npm run kafka`; git ignores it. */
export const KAFKA_HOME = join(ROOT, '.guanxi-kafka');

const DRAFT = 'draft-';
const POM = join(dirname(fileURLToPath(import.meta.url)), 'pom.xml');

/** A directory for each content of pom.xml. It gets this name when it is whole, not before. */
const libraries = () =>
  join(KAFKA_HOME, `lib-${createHash('sha256').update(readFileSync(POM)).digest('hex').slice(0, 12)}`);

/** @returns {string | undefined} why no Kafka can be had here; nothing where one can */
export function whyNoKafka() {
  return whyNoJava() ?? (existsSync(libraries()) ? undefined : whyNoMaven());
}

/**
 * Brings Apache Kafka from Maven Central where it is not here yet; of several at once, one fetches and the others wait.
 *
 * @returns {Promise<string>} the directory of its libraries
 * @throws {SetUpError} where Java or Maven is absent, or Maven fails
 */
export async function fetchKafka() {
  const why = whyNoKafka();
  if (why !== undefined) throw new SetUpError(why);
  const lib = libraries();
  if (existsSync(lib)) return lib;
  makeHome();
  await withLock(
    async () => {
      if (!existsSync(lib)) await fetchInto(lib);
    },
    { file: join(KAFKA_HOME, 'fetch.lock'), holder: 'another fetch of Kafka' },
  );
  return lib;
}

function makeHome() {
  try {
    mkdirSync(KAFKA_HOME, { recursive: true });
  } catch (error) {
    throw new SetUpError(`Kafka can't be kept in ${KAFKA_HOME} (${error.message}).`);
  }
}

async function fetchInto(lib) {
  say('Fetching Apache Kafka from Maven Central (45 MB, once) ...');
  // Of fetches that were killed.
  for (const name of readdirSync(KAFKA_HOME).filter((name) => name.startsWith(DRAFT)))
    rmSync(join(KAFKA_HOME, name), { recursive: true, force: true });
  const draft = join(KAFKA_HOME, `${DRAFT}${randomUUID()}`);
  try {
    mkdirSync(draft);
    // Maven writes beside the pom that it is given.
    copyFileSync(POM, join(draft, 'pom.xml'));
    const code = await runChild(
      [
        ...['-B', '-q', '-f', join(draft, 'pom.xml'), 'dependency:copy-dependencies'],
        ...['-DincludeScope=runtime', `-DoutputDirectory=${join(draft, 'lib')}`],
      ],
      'mvn',
    );
    if (code !== 0)
      throw new SetUpError(`Maven could not fetch Kafka (exit code ${code}); its messages are above.`);
    renameSync(join(draft, 'lib'), lib);
  } finally {
    rmSync(draft, { recursive: true, force: true });
  }
}
