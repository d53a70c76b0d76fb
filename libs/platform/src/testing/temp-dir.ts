import { chmodSync, mkdtempSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A fresh directory that every user can pass, as the one who runs PostgreSQL for root has to. */
export function passableTempDir(): string {
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-spec-'));
  chmodSync(dir, 0o711);
  return dir;
}
