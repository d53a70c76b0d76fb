import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** A directory for one test's files. */
export class Scratch {
  readonly path = mkdtempSync(join(tmpdir(), 'guanxi-import-'));

  write(name: string, content: string | Buffer): string {
    const path = join(this.path, name);
    writeFileSync(path, content);
    return path;
  }

  lines(name: string): unknown[] {
    return readFileSync(join(this.path, name), 'utf8')
      .split('\n')
      .filter((line) => line !== '')
      .map((line): unknown => JSON.parse(line));
  }

  remove(): void {
    rmSync(this.path, { recursive: true, force: true });
  }
}
