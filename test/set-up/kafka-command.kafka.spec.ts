import { type ChildProcess, spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTopic, testClient } from '../support/kafka';
import { finish, type Ran } from './fixture';

jest.setTimeout(180_000);

const SCRIPT = join(__dirname, '../../infra/kafka/kafka.mjs');

describe('npm run kafka, with a broker', () => {
  let dir: string;
  const start = (...args: string[]): ChildProcess =>
    spawn(process.execPath, [SCRIPT, ...args, '--dir', join(dir, 'broker')], { stdio: 'pipe' });
  const kafka = (...args: string[]): Promise<Ran> => finish(start(...args));
  const firstLine = async ({ stdout }: ChildProcess): Promise<string> => {
    let text = '';
    for await (const chunk of stdout ?? []) {
      text += String(chunk);
      if (text.includes('\n')) break;
    }
    return text.trim();
  };

  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'guanxi-kafka-'));
  });

  afterEach(async () => {
    await kafka('stop', '--now');
    rmSync(dir, { recursive: true });
  });

  it('tells how it is used', async () => {
    const { code, stdout, stderr } = await kafka('--help');
    expect([code, stderr]).toEqual([0, '']);
    expect(stdout).toMatch(/^usage: npm run kafka -- \[run\|start\|stop\|wipe/);
  });

  it('starts one broker for two that ask at once, keeps its data over a stop, and wipes it', async () => {
    const [one, two] = await Promise.all([kafka('start', '--port', '0'), kafka('start', '--port', '0')]);
    expect([one.code, two.code]).toEqual([0, 0]);
    expect(one.stdout).toMatch(/^127[.]0[.]0[.]1:\d+\n$/);
    expect(two.stdout).toBe(one.stdout);
    expect(one.stderr + two.stderr).toContain('Kafka runs already');
    const topic = await createTopic([one.stdout.trim()]);

    expect(await kafka('status')).toMatchObject({ code: 0, stdout: one.stdout });
    expect(await kafka('stop')).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect(await kafka('status')).toMatchObject({ code: 3, stdout: '' });

    const again = await kafka('start', '--port', '0');
    const admin = testClient([again.stdout.trim()]).admin();
    await admin.connect();
    expect(await admin.listTopics()).toEqual([topic]);
    await admin.disconnect();
    expect(await kafka('wipe')).toMatchObject({ code: 0, stderr: '' });
    expect(existsSync(join(dir, 'broker'))).toBe(false);
  });

  it.each(['SIGINT', 'SIGTERM'] as const)('runs in the foreground and stops on %s', async (signal) => {
    const child = start('--port', '0');
    const ran = finish(child);
    const address = await firstLine(child);
    child.kill(signal);
    child.kill(signal);
    const { code, stderr } = await ran;
    expect(code).toBe(0);
    expect(stderr).toContain(`KAFKA_BROKERS=${address} npm start`);
    expect(stderr).toContain('Stopping Kafka ...');
    expect(await kafka('status')).toMatchObject({ code: 3 });
  });

  it('tells in the foreground when the broker has ended, by itself or by a stop from elsewhere', async () => {
    const stopped = start('--port', '0');
    const first = finish(stopped);
    await firstLine(stopped);
    await kafka('stop');
    expect(await first).toMatchObject({ code: 0, stderr: expect.stringContaining('Kafka was stopped.') });

    const crashed = start('--port', '0');
    const second = finish(crashed);
    await firstLine(crashed);
    const { pid } = JSON.parse(readFileSync(join(dir, 'broker/broker.json'), 'utf8')) as { pid: number };
    process.kill(pid, 'SIGKILL');
    expect(await second).toMatchObject({
      code: 1,
      stderr: expect.stringContaining('Kafka has ended by itself'),
    });
  });

  it('leaves no broker behind when it is broken off while it starts', async () => {
    const child = start('--port', '0');
    const ran = finish(child);
    while (!existsSync(join(dir, 'broker/broker.json')))
      await new Promise((resolve) => setImmediate(resolve));
    child.kill('SIGINT');
    expect(await ran).toMatchObject({
      code: 130,
      stdout: '',
      stderr: expect.stringContaining('Broken off.'),
    });
    expect(await kafka('status')).toMatchObject({ code: 3 });
  });
});
