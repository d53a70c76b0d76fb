import { randomBytes } from 'node:crypto';
import { mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { CannotUnseal, Sealer } from './seal';
import { ensureSecretsKey } from './secrets-key';

describe('a sealer', () => {
  const sealer = new Sealer(randomBytes(32));
  const secret = randomBytes(32);

  it('gives back what it sealed, and seals it otherwise each time', () => {
    const sealed = sealer.seal(secret, 'webhook 1');
    expect(sealer.unseal(sealed, 'webhook 1')).toEqual(secret);
    expect(sealed.includes(secret)).toBe(false);
    expect(sealer.seal(secret, 'webhook 1')).not.toEqual(sealed);
  });

  it('refuses what belongs to something else, was changed or cut, or was sealed with another key', () => {
    const sealed = sealer.seal(secret, 'webhook 1');
    expect(() => sealer.unseal(sealed, 'webhook 2')).toThrow(CannotUnseal);
    for (const place of [0, 12, 28, sealed.length - 1]) {
      const changed = Buffer.from(sealed);
      changed[place] = (changed[place] ?? 0) ^ 1;
      expect(() => sealer.unseal(changed, 'webhook 1')).toThrow(CannotUnseal);
    }
    expect(() => sealer.unseal(sealed.subarray(0, 20), 'webhook 1')).toThrow(CannotUnseal);
    expect(() => new Sealer(randomBytes(32)).unseal(sealed, 'webhook 1')).toThrow(CannotUnseal);
  });

  it('has a name that tells keys apart', () => {
    expect(sealer.keyId).toMatch(/^[0-9a-f]{16}$/);
    expect(new Sealer(randomBytes(32)).keyId).not.toBe(sealer.keyId);
  });
});

describe('the sealing key', () => {
  let dir: string;
  beforeEach(() => {
    dir = mkdtempSync(join(tmpdir(), 'guanxi-secrets-'));
  });
  afterEach(() => {
    rmSync(dir, { recursive: true });
  });

  it('is made once and kept readable for its owner alone', async () => {
    const [made, ...others] = await Promise.all([1, 2, 3, 4].map(() => ensureSecretsKey(join(dir, 'data'))));
    for (const other of others) expect(other).toEqual(made);
    const file = join(dir, 'data', 'secrets.key');
    expect(statSync(file).mode & 0o777).toBe(0o600);
    expect(Buffer.from(readFileSync(file, 'utf8'), 'base64')).toEqual(made);
    expect(await ensureSecretsKey(join(dir, 'data'))).toEqual(made);
  });

  it('is the configured one where there is one, and nothing is written then', async () => {
    const key = randomBytes(32);
    expect(await ensureSecretsKey(dir, key.toString('base64'))).toEqual(key);
    expect(() => statSync(join(dir, 'secrets.key'))).toThrow();
  });

  it('is not replaced where something else stands in its file', async () => {
    writeFileSync(join(dir, 'secrets.key'), 'not a key\n');
    await expect(ensureSecretsKey(dir)).rejects.toThrow('must hold 32 bytes in base64');
  });
});
