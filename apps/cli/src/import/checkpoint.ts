import { createHash } from 'node:crypto';
import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { isRecord } from './types';

/** How far an import got: its first `facts` facts are answered, and what became of their rows. */
export interface Reached {
  readonly facts: number;
  readonly taken: number;
  readonly refused: number;
}

const saveEveryMs = 1_000;

/** A file that says how far an import of these bytes with this mapping to this server got. */
export class Checkpoint {
  private readonly path: string;
  private savedAt = 0;

  /** @param identity what must be equal for the checkpoint to count: kind, hashes of mapping and files, server */
  constructor(
    private readonly directory: string,
    identity: readonly string[],
  ) {
    const name = createHash('sha256').update(JSON.stringify(identity)).digest('hex').slice(0, 32);
    this.path = join(directory, `${name}.json`);
  }

  /** Undefined when there is none, or none that can be read: then the import starts over, which changes nothing. */
  load(): Reached | undefined {
    try {
      const value: unknown = JSON.parse(readFileSync(this.path, 'utf8'));
      if (!isRecord(value)) return undefined;
      const { facts, taken, refused } = value;
      if (typeof facts !== 'number' || typeof taken !== 'number' || typeof refused !== 'number')
        return undefined;
      return { facts, taken, refused };
    } catch {
      return undefined;
    }
  }

  /** Saves at most once a second, unless `now`. */
  save(reached: Reached, now = false): void {
    const time = Date.now();
    if (!now && time - this.savedAt < saveEveryMs) return;
    this.savedAt = time;
    mkdirSync(this.directory, { recursive: true });
    const draft = `${this.path}.${String(process.pid)}`;
    writeFileSync(draft, JSON.stringify(reached), { mode: 0o600 });
    renameSync(draft, this.path);
  }

  clear(): void {
    rmSync(this.path, { force: true });
  }
}
