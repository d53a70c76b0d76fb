import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readdirSync, rmSync, utimesSync } from 'node:fs';
import { join } from 'node:path';
import { finish, Fixture, said } from './fixture';

// Whole servers and builds are started: on a busy machine that takes its time.
jest.setTimeout(60_000);

describe('the set-up', () => {
  let project: Fixture;

  beforeEach(() => {
    project = new Fixture();
  });

  afterEach(() => {
    project.remove();
  });

  const answer = (...args: string[]): string => `${JSON.stringify({ args, main: true })}\n`;

  it('installs and builds in an empty clone, once, and keeps stdout for the command', async () => {
    const first = await project.run('guanxi', 'import', '--json', 'fail');
    expect(first).toMatchObject({ code: 3, stdout: answer('import', '--json', 'fail') });
    expect(first.stderr).toBe('Installing the dependencies (npm ci) ...\nadded packages\nBuilding ...\n');
    expect(project.read('npm-calls')).toBe('ci --include=dev --include=optional --no-audit --no-fund\n');

    expect(await project.run('guanxi', 'again')).toEqual({ code: 0, stdout: answer('again'), stderr: '' });
    expect(readdirSync(project.dir)).not.toContain('.guanxi-setup.lock');
  });

  it('gives the demo its name as first argument', async () => {
    expect((await project.run('demo', '--seed=1')).stdout).toBe(answer('demo', '--seed=1'));
  });

  it('installs again when the lock file has changed, and not when somebody has already done so', async () => {
    await project.run('guanxi');
    project.writeLockfile('2.0.0');
    expect((await project.run('guanxi')).stderr).toContain('Installing');
    project.writeLockfile('3.0.0');
    project.write('node_modules/.package-lock.json', project.read('package-lock.json'));
    expect((await project.run('guanxi')).stderr).not.toContain('Installing');
    expect(project.read('npm-calls').trim().split('\n')).toHaveLength(2);
    project.writeLockfile('3.0.0', ['some', 'other']);
    expect((await project.run('guanxi')).stderr).toContain('Installing');
  });

  it('stops with the exit code of npm when the install fails, and tries again', async () => {
    project.write('npm-fails', '');
    const failed = await project.run('guanxi');
    expect(failed).toMatchObject({ code: 9, stdout: '' });
    expect(failed.stderr).toContain('npm error network\nnpm ci failed (exit code 9)');
    rmSync(join(project.dir, 'npm-fails'));
    expect((await project.run('guanxi')).code).toBe(0);
  });

  it('builds again when a source has changed, and not when only its time has', async () => {
    await project.run('guanxi');
    utimesSync(join(project.dir, 'apps/cli/src/main.ts'), new Date(), new Date());
    expect((await project.run('guanxi')).stderr).toBe('');
    project.write('apps/cli/src/main.unit.spec.ts', 'nor does a test count');
    expect((await project.run('guanxi')).stderr).toBe('');
    project.write('apps/cli/src/main.ts', `console.log('new');`);
    expect(await project.run('guanxi')).toEqual({ code: 0, stdout: 'new\n', stderr: 'Building ...\n' });
  });

  it('leaves nothing of a removed source in the build', async () => {
    project.write('libs/old/src/index.ts', 'export const old = 1;');
    await project.run('guanxi');
    expect(existsSync(join(project.dir, 'dist/libs/old/src/index.js'))).toBe(true);
    rmSync(join(project.dir, 'libs'), { recursive: true });
    expect((await project.run('guanxi')).stderr).toBe('Building ...\n');
    expect(existsSync(join(project.dir, 'dist/libs'))).toBe(false);
  });

  it('stops when the build fails, and does not take its rest for a build', async () => {
    project.write('apps/cli/src/broken.ts', 'const = ;');
    for (const attempt of ['first', 'second']) {
      const { code, stderr, stdout } = await project.run('guanxi', attempt);
      expect([code, stdout]).toEqual([1, '']);
      expect(stderr).toMatch(/broken\.ts[^]*The build failed \(exit code 1\)/);
    }
    rmSync(join(project.dir, 'apps/cli/src/broken.ts'));
    expect((await project.run('guanxi')).code).toBe(0);
  });

  it('is done by one of two that start at once', async () => {
    const both = await Promise.all([project.run('guanxi', 'a'), project.run('guanxi', 'b')]);
    expect(both.map(({ stdout }) => stdout)).toEqual([answer('a'), answer('b')]);
    expect(both.map(({ stderr }) => stderr).sort()).toEqual([
      'Installing the dependencies (npm ci) ...\nadded packages\nBuilding ...\n',
      expect.stringMatching(/^(Waiting for another set-up of this project \(pid \d+\) \.\.\.\n)?$/),
    ]);
  });

  it.each([
    ['that has ended', `${2 ** 22 - 1} some-id`, 0],
    ['whose number another program has now', `${process.pid} some-id`, 60],
  ])('takes no heed of the lock of a process %s', async (_, content, secondsOld) => {
    project.write('.guanxi-setup.lock', content);
    const then = new Date(Date.now() - secondsOld * 1000);
    utimesSync(join(project.dir, '.guanxi-setup.lock'), then, then);
    const ran = await project.run('guanxi');
    expect(ran.code).toBe(0);
    expect(ran.stderr).not.toContain('Waiting');
  });

  it('says which Node it needs when this one is too old', () => {
    project.write('old.cjs', `Object.defineProperty(process, 'version', { value: 'v20.18.3' });`);
    const script = join(project.dir, 'infra/scripts/run.mjs');
    const ran = spawnSync(process.execPath, ['-r', join(project.dir, 'old.cjs'), script, 'start'], {
      encoding: 'utf8',
    });
    expect(ran.status).toBe(1);
    expect(ran.stderr).toBe(
      'Guanxi needs Node 20.19 or later; this is v20.18.3. Get it from https://nodejs.org\n',
    );
  });

  it('answers an unknown command with the known ones', async () => {
    expect(await project.run('begin')).toMatchObject({
      code: 2,
      stderr: expect.stringContaining('start|test|demo|guanxi|bench|chaos|contracts [args]'),
    });
  });
});

describe('a command that was set up', () => {
  let project: Fixture;

  beforeAll(async () => {
    project = new Fixture();
    await project.run('guanxi');
  });

  afterAll(() => {
    project.remove();
  });

  it.each(['SIGTERM', 'SIGINT'] as const)(
    'start ends in its own way and with its own code on %s',
    async (signal) => {
      const child = project.spawn(['start']);
      const end = finish(child);
      await said(child, 'up');
      child.kill(signal);
      expect(await end).toEqual({ code: 7, stdout: `up\nstopping\nstopped by ${signal}\n`, stderr: '' });
    },
  );

  it('start is not killed by the second of two signals, as npm and the terminal send them', async () => {
    const child = project.spawn(['start']);
    const end = finish(child);
    await said(child, 'up');
    const stopping = said(child, 'stopping');
    child.kill('SIGINT');
    await stopping;
    child.kill('SIGINT');
    expect(await end).toMatchObject({ code: 7, stdout: 'up\nstopping\nstopped by SIGINT\n' });
  });

  it('start stops when the shell between npm and it has ended without a word', async () => {
    // The second command keeps the shell from becoming the first.
    const shell = spawn('/bin/sh', ['-c', `"${process.execPath}" infra/scripts/run.mjs start; true`], {
      cwd: project.dir,
      env: { PATH: process.env['PATH'], npm_lifecycle_event: 'start' },
    });
    const end = finish(shell);
    await said(shell, 'up');
    shell.kill('SIGKILL');
    expect((await end).stdout).toBe('up\nstopping\nstopped by SIGTERM\n');
  });

  it('guanxi can be called by its own name, from any directory', () => {
    const ran = spawnSync(process.execPath, [join(project.dir, 'infra/scripts/guanxi.mjs'), 'doctor'], {
      encoding: 'utf8',
      cwd: '/',
    });
    expect(ran).toMatchObject({ status: 0, stdout: '{"args":["doctor"],"main":true}\n', stderr: '' });
  });

  const lastLine = (text: string): string | undefined => text.trimEnd().split('\n').at(-1);

  it('test counts over all projects in its last line and passes arguments on', async () => {
    project.write('test/a.unit.spec.js', `it('one', () => {}); it('two', () => {});`);
    project.write('test/b.e2e.spec.js', `it('three', () => {});`);
    const good = await project.run('test');
    expect([good.code, lastLine(good.stdout)]).toEqual([0, '3 passed, 0 failed']);

    project.write(
      'test/c.int.spec.js',
      `it('four', () => { throw new Error('no'); }); it.skip('five', () => {});`,
    );
    project.write('test/d.contract.spec.js', `require('./nothing');`);
    const bad = await project.run('test');
    expect([bad.code, lastLine(bad.stdout)]).toEqual([1, '3 passed, 2 failed, 1 skipped']);

    const some = await project.run('test', '--testPathPatterns', 'a.unit');
    expect([some.code, lastLine(some.stdout)]).toEqual([0, '2 passed, 0 failed']);
    const none = await project.run('test', '--testPathPatterns', 'nowhere');
    expect([none.code, lastLine(none.stdout)]).toEqual([1, '0 passed, 1 failed']);
    rmSync(join(project.dir, 'test/d.contract.spec.js'));
    const skipped = await project.run('test', '--testNamePattern', 'no such name');
    expect([skipped.code, lastLine(skipped.stdout)]).toEqual([1, '0 passed, 0 failed, 5 skipped']);
    expect(skipped.stderr).toContain('No test ran.');
  });

  it('test skips what needs Kafka where there is no Java, counts it and says why; whoever must not skip sees it fail', async () => {
    project.write('test/kafka/a.unit.spec.js', `it('one', () => {});`);
    project.write(
      'test/kafka/b.kafka.spec.js',
      `beforeAll(() => { throw new Error('no broker'); });
       describe('with Kafka', () => { it('two', () => {}); it.each([1, 2])('three %d', () => {}); });
       test('four', () => {});`,
    );
    const test = ['test', '--testPathPatterns', 'test/kafka/'];
    const nowhere = { PATH: join(project.dir, 'nowhere'), JAVA_HOME: '' };
    const skipped = await finish(project.spawn(test, nowhere));
    expect([skipped.code, lastLine(skipped.stdout)]).toEqual([0, '1 passed, 0 failed, 4 skipped']);
    expect(skipped.stderr).toContain(
      'The tests that need Kafka (*.kafka.spec.ts) were skipped. Kafka needs Java 17 or later',
    );

    const needed = await finish(project.spawn(test, { ...nowhere, KAFKA_TESTS: 'required' }));
    expect([needed.code, lastLine(needed.stdout)]).toEqual([1, '1 passed, 4 failed']);
  });
});
