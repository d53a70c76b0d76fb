import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ROOT, runChild, say } from './project.mjs';

const JEST = join(ROOT, 'node_modules/jest/bin/jest.js');
const PROJECTS = ['unit', 'contract', 'int', 'e2e', 'kafka'];
const KAFKA = join(ROOT, 'infra/kafka/kafka.mjs');

/**
 * Runs every test; those that need Kafka are skipped where it can't be had, and counted so. The last line on stdout is the count, `N passed, N failed`.
 *
 * @param {readonly string[]} args passed on to Jest
 * @returns {Promise<number>} the exit code: not 0 if any failed or none ran
 */
export async function runTests(args) {
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-tests-'));
  const outputFile = join(dir, 'result.json');
  try {
    const without = await whyWithoutKafka();
    if (without !== undefined) process.env['GUANXI_TEST_WITHOUT_KAFKA'] = '1';
    // Jest takes whatever follows --selectProjects for a project: it comes last.
    const code = await runChild([
      JEST,
      '--json',
      `--outputFile=${outputFile}`,
      ...args,
      '--selectProjects',
      ...PROJECTS,
    ]);
    // It was asked for something else than to run tests, such as --help.
    if (code === 0 && !existsSync(outputFile)) return code;
    const { line, passed, failed } = summarize(outputFile);
    if (passed + failed === 0) say('No test ran.');
    else if (failed === 0 && code !== 0) say(`No test failed, but Jest did (exit code ${code}).`);
    if (without !== undefined) say(`The tests that need Kafka (*.kafka.spec.ts) were skipped. ${without}`);
    console.log(line);
    return failed > 0 || passed === 0 ? 1 : code;
  } finally {
    rmSync(dir, { recursive: true, force: true });
  }
}

/**
 * Brings Kafka before the tests, whose time is limited.
 *
 * @returns {Promise<string | undefined>} why the tests that need it have to be skipped
 */
async function whyWithoutKafka() {
  if (!existsSync(KAFKA) || !hasKafkaTests()) return undefined;
  const { whyNoKafka } = await import('../kafka/fetch.mjs');
  const why =
    whyNoKafka() ??
    ((await runChild([KAFKA, 'fetch'])) === 0 ? undefined : 'Kafka could not be fetched: see above.');
  // Whoever must not skip them sees them fail instead.
  return process.env['KAFKA_TESTS'] === 'required' ? undefined : why;
}

const hasKafkaTests = () =>
  ['libs', 'apps', 'test', 'infra', 'examples']
    .filter((folder) => existsSync(join(ROOT, folder)))
    .some((folder) =>
      readdirSync(join(ROOT, folder), { recursive: true }).some((file) =>
        /[.]kafka[.]spec[.][jt]s$/.test(file),
      ),
    );

/** A file that could not even be loaded counts as one failed test: none of its tests could pass. */
function summarize(outputFile) {
  if (!existsSync(outputFile)) return { line: '0 passed, 1 failed', passed: 0, failed: 1 };
  const result = JSON.parse(readFileSync(outputFile, 'utf8'));
  const passed = result.numPassedTests;
  const failed = result.numFailedTests + result.numRuntimeErrorTestSuites;
  const skipped = result.numPendingTests + result.numTodoTests;
  const line = `${passed} passed, ${failed} failed${skipped > 0 ? `, ${skipped} skipped` : ''}`;
  return { line, passed, failed };
}
