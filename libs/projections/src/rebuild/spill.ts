import {
  closeSync,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  rmSync,
  writeFileSync,
  writeSync,
} from 'node:fs';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

const ALL_BUFFERS_BYTES = 32 * 1024 * 1024;
const MOST_BUFFER_BYTES = 256 * 1024;
const LEAST_BUFFER_BYTES = 16 * 1024;

/** What is spilled to a directory, so that files of another rebuild are never taken for its own. */
export interface SpillMark {
  readonly generation: string;
  readonly upTo: string;
  readonly parts: number;
}

/** How many events were spilled. */
export interface Spilled {
  readonly events: number;
}

/** Raw rows in files, one a part; a part holds all rows of its keys. */
export class Spill {
  private readonly markFile: string;

  constructor(
    readonly directory: string,
    private readonly mark: SpillMark,
  ) {
    this.markFile = join(directory, 'complete');
  }

  /** Where another one of the same files is made. */
  get place(): { readonly directory: string; readonly mark: SpillMark } {
    return { directory: this.directory, mark: this.mark };
  }

  /** What lies here whole from before, if it is of this very rebuild. */
  whole(): Spilled | undefined {
    if (!existsSync(this.markFile)) return undefined;
    const [mark, events] = readFileSync(this.markFile, 'utf8').split('\n');
    return mark === JSON.stringify(this.mark) ? { events: Number(events) } : undefined;
  }

  /** Begins anew. @throws what the disk says */
  write(): SpillWriter {
    this.remove();
    mkdirSync(this.directory, { recursive: true, mode: 0o700 });
    return new SpillWriter(this.mark.parts, (part) => this.fileOf(part));
  }

  /** Says that all parts are written. */
  complete(events: number): void {
    writeFileSync(this.markFile, `${JSON.stringify(this.mark)}\n${events}\n`);
  }

  async read(part: number): Promise<Buffer> {
    const file = this.fileOf(part);
    return existsSync(file) ? readFile(file) : Buffer.alloc(0);
  }

  remove(): void {
    removeSpill(this.directory);
  }

  private fileOf(part: number): string {
    return join(this.directory, `${part}.rows`);
  }
}

/** Gathers the rows of each part in memory, a little of each, and writes them on. */
export class SpillWriter {
  private readonly files = new Map<number, number>();
  private readonly buffers: Buffer[];
  private readonly filled: number[];

  constructor(
    parts: number,
    private readonly fileOf: (part: number) => string,
  ) {
    const bytes = Math.floor(ALL_BUFFERS_BYTES / parts);
    const size = Math.min(MOST_BUFFER_BYTES, Math.max(LEAST_BUFFER_BYTES, bytes));
    this.buffers = Array.from({ length: parts }, () => Buffer.allocUnsafeSlow(size));
    this.filled = Array.from({ length: parts }, () => 0);
  }

  add(part: number, row: Buffer, start: number, end: number): void {
    const buffer = this.buffers[part];
    if (buffer === undefined) throw new Error(`there is no part ${part}`);
    const length = end - start;
    if ((this.filled[part] ?? 0) + length > buffer.length) this.flush(part);
    if (length > buffer.length) {
      writeWhole(this.file(part), row.subarray(start, end));
      return;
    }
    const at = this.filled[part] ?? 0;
    row.copy(buffer, at, start, end);
    this.filled[part] = at + length;
  }

  /** Writes what is left and closes the files. */
  end(): void {
    try {
      for (const part of this.buffers.keys()) this.flush(part);
    } finally {
      this.close();
    }
  }

  close(): void {
    for (const file of this.files.values()) closeSync(file);
    this.files.clear();
  }

  private flush(part: number): void {
    const length = this.filled[part] ?? 0;
    const buffer = this.buffers[part];
    if (length > 0 && buffer) writeWhole(this.file(part), buffer.subarray(0, length));
    this.filled[part] = 0;
  }

  private file(part: number): number {
    const open = this.files.get(part) ?? openSync(this.fileOf(part), 'a', 0o600);
    this.files.set(part, open);
    return open;
  }
}

function writeWhole(file: number, bytes: Buffer): void {
  for (let at = 0; at < bytes.length;) at += writeSync(file, bytes, at);
}

/** Takes away what a rebuild spilled. */
export function removeSpill(directory: string): void {
  rmSync(directory, { recursive: true, force: true });
}
