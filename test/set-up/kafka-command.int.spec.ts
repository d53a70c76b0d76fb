import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, existsSync, readdirSync, watch } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { finish, Fixture, type Ran } from './fixture';

jest.setTimeout(60_000);

/** Says that it is Java, and can do nothing else. */
const java = (version: string): string =>
  `#!/bin/sh\n[ "$1" = -version ] && { echo 'openjdk version "${version}"' >&2; exit 0; }\necho 'no such class' >&2\nexit 1\n`;

/** Counts its calls, and fetches a jar, slowly where it is told to. */
const MVN = `#!${process.execPath}
const fs = require('node:fs');
if (process.argv.includes('--version')) process.exit(0);
fs.appendFileSync(process.env.CALLS, 'called\\n');
const lib = process.argv.find((arg) => arg.startsWith('-DoutputDirectory=')).split('=')[1];
fs.mkdirSync(lib);
fs.writeFileSync(lib + '/kafka.jar', '');
if (process.env.MVN === 'fails') { console.error('[ERROR] no network'); process.exit(7); }
const parent = process.ppid;
if (process.env.MVN === 'hangs') setInterval(() => process.ppid === parent || process.exit(), 50);
else setTimeout(() => undefined, 300);
`;

describe('npm run kafka', () => {
  let project: Fixture;

  beforeEach(() => {
    project = new Fixture();
    program('java', java('17.0.15'));
    program('mvn', MVN);
  });

  afterEach(() => {
    project.remove();
  });

  const program = (name: string, text: string): void => {
    project.write(`bin/${name}`, text);
    chmodSync(join(project.dir, 'bin', name), 0o755);
  };
  const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess =>
    spawn(process.execPath, [join(project.dir, 'infra/kafka/kafka.mjs'), ...args], {
      env: { PATH: join(project.dir, 'bin'), CALLS: join(project.dir, 'calls'), ...env },
    });
  const kafka = (...args: string[]): Promise<Ran> => finish(start(args));
  const home = (): string[] => readdirSync(join(project.dir, '.guanxi-kafka')).sort();
  const fetched = [expect.stringMatching(/^lib-[0-9a-f]{12}$/)];

  it.each([
    ['no Java', '', 'Kafka needs Java 17 or later (Debian, Ubuntu: apt-get install openjdk-17-jre-headless'],
    ['Java 11', java('11.0.2'), 'java is version 11.'],
    ['Java 8', java('1.8.0_292'), 'java is version 8.'],
  ])('says what to install where there is %s', async (_, text, words) => {
    program('java', text === '' ? '#!/bin/sh\nexit 1\n' : text);
    const ran = await kafka('start');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain(words);
    expect(ran.stderr).not.toContain('    at ');
  });

  it('says what to install where there is no Maven, as long as it has to fetch', async () => {
    program('mvn', '#!/bin/sh\nexit 1\n');
    expect(await kafka('fetch')).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('apt-get install maven'),
    });
    program('mvn', MVN);
    await kafka('fetch');
    program('mvn', '#!/bin/sh\nexit 1\n');
    expect(await kafka('fetch')).toMatchObject({ code: 0, stderr: '' });
  });

  it('is fetched once by two that start at once', async () => {
    const both = await Promise.all([kafka('fetch'), kafka('fetch')]);
    expect(both.map(({ code }) => code)).toEqual([0, 0]);
    expect(project.read('calls')).toBe('called\n');
    expect(home()).toEqual(fetched);
  });

  it('is not taken for fetched when Maven has failed', async () => {
    const failed = await finish(start(['fetch'], { MVN: 'fails' }));
    expect(failed.code).toBe(1);
    expect(failed.stderr).toContain('[ERROR] no network');
    expect(failed.stderr).toContain('Maven could not fetch Kafka (exit code 7)');
    expect(home()).toEqual([]);
    expect(await kafka('fetch')).toMatchObject({ code: 0 });
    expect(home()).toEqual(fetched);
  });

  it('is not taken for fetched when the fetch was killed', async () => {
    const child = start(['fetch'], { MVN: 'hangs' });
    const called = new Promise<void>((resolve) => {
      const watcher = watch(project.dir, () => {
        if (!existsSync(join(project.dir, 'calls'))) return;
        watcher.close();
        resolve();
      });
    });
    await called;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(home()).not.toContainEqual(fetched[0]);
    expect(await kafka('fetch')).toMatchObject({ code: 0 });
    expect(home()).toEqual(fetched);
    expect(project.read('calls')).toBe('called\ncalled\n');
  });

  it('shows what Kafka said when it does not start', async () => {
    const ran = await kafka('start', '--port', '0');
    expect(ran).toMatchObject({ code: 1, stdout: '' });
    expect(ran.stderr).toContain('no such class');
    expect(ran.stderr).not.toContain('    at ');
  });

  it('says when the port is taken', async () => {
    const server = createServer();
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    const { port } = server.address() as { port: number };
    expect(await kafka('start', '--port', String(port))).toMatchObject({
      code: 1,
      stderr: expect.stringContaining(`Port ${port} is in use`),
    });
    server.close();
  });

  it.each([
    [['--port', 'http'], '--port http is no port'],
    [['--port', '65536'], '--port 65536 is no port'],
    [['reset'], 'usage: npm run kafka -- [run|start|stop|wipe|status|fetch]'],
    [['--ports', '1'], "Unknown option '--ports'"],
  ])('answers %j with what is right', async (args, words) => {
    const ran = await kafka(...args);
    expect(ran).toMatchObject({ code: 2, stdout: '' });
    expect(ran.stderr).toContain(words);
  });

  it('never ends a process that is not its broker, and wipes nothing that is not its own', async () => {
    const stranger = spawn(process.execPath, ['-e', 'setInterval(() => undefined, 1000)'], {
      stdio: 'ignore',
    });
    const ended = once(stranger, 'exit');
    const dir = join(project.dir, 'broker');
    project.write('broker/broker.json', JSON.stringify({ pid: stranger.pid, id: 'old', port: 9092 }));
    project.write('broker/data/meta.properties', '');
    project.write('broker/notes.txt', 'mine');
    expect(await kafka('status', '--dir', dir)).toMatchObject({ code: 3, stdout: '' });
    expect(await kafka('stop', '--dir', dir)).toMatchObject({ code: 0, stderr: 'Kafka does not run.\n' });
    expect(await kafka('stop', '--now', '--dir', dir)).toMatchObject({ code: 0 });
    expect(await kafka('wipe', '--dir', dir)).toMatchObject({ code: 0 });
    expect(readdirSync(dir)).toEqual(['notes.txt']);
    expect([stranger.exitCode, stranger.signalCode]).toEqual([null, null]);
    stranger.kill();
    await ended;
  });
});
