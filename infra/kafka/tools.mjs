import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Kafka 4 runs on nothing older. */
const OLDEST_JAVA = 17;

/** The program to start; JAVA_HOME says which Java is meant where there are several. */
export const javaProgram = () => {
  const home = process.env['JAVA_HOME'] ?? '';
  return home === '' ? 'java' : join(home, 'bin', 'java');
};

/** @returns {string | undefined} why Kafka can't run here; nothing where it can */
export function whyNoJava() {
  const help = `Kafka needs Java ${OLDEST_JAVA} or later (Debian, Ubuntu: apt-get install openjdk-17-jre-headless; else https://adoptium.net)`;
  const program = javaProgram();
  const { error, status, stderr } = spawnSync(program, ['-version'], { encoding: 'utf8' });
  if (error !== undefined || status !== 0)
    return `${help}; there is no ${program === 'java' ? 'java on the PATH' : program}.`;
  // 1.8.0 is Java 8; 17.0.15 and 21 are what they say.
  const [, first, second] = /version "(\d+)(?:\.(\d+))?/.exec(stderr) ?? [];
  const major = Number(first === '1' ? second : first);
  return major >= OLDEST_JAVA ? undefined : `${help}; ${program} is version ${major || 'unknown'}.`;
}

/** @returns {string | undefined} why Kafka can't be fetched here; nothing where it can */
export function whyNoMaven() {
  const { error, status } = spawnSync('mvn', ['--version'], {
    stdio: 'ignore',
    shell: process.platform === 'win32',
  });
  if (error === undefined && status === 0) return undefined;
  return 'Kafka is fetched with Maven (Debian, Ubuntu: apt-get install maven; else https://maven.apache.org); there is no mvn on the PATH.';
}
