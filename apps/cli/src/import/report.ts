import { closeSync, openSync, writeSync } from 'node:fs';
import { ImportFailure, messageOf, type RowProblem } from './types';

/** Where people read: a terminal or whatever stands for it. */
export interface Screen {
  write(text: string): unknown;
  readonly isTTY?: boolean;
}

const shownAtMost = 20;
const bufferChars = 64 * 1024;

/** Tells the first row problems on the screen, and all of them, as NDJSON, to a file. */
export class ProblemReport {
  private readonly file: number | undefined;
  private buffer = '';
  private readonly first: RowProblem[] = [];
  private readonly byRule = new Map<string, { rows: number; level: string }>();
  private problems = 0;
  warnings = 0;

  /** @throws ImportFailure `errors-file` */
  constructor(private readonly path: string | undefined) {
    // The values in it may be personal: only the owner reads it.
    try {
      this.file = path === undefined ? undefined : openSync(path, 'w', 0o600);
    } catch (error) {
      throw new ImportFailure('errors-file', `the file for errors can't be written: ${messageOf(error)}`);
    }
  }

  add(problem: RowProblem): void {
    this.problems += 1;
    if (problem.level === 'warning') this.warnings += 1;
    if (this.first.length < shownAtMost) this.first.push(problem);
    const rule = this.byRule.get(problem.rule) ?? { rows: 0, level: problem.level };
    rule.rows += problem.rows;
    this.byRule.set(problem.rule, rule);
    if (this.file === undefined) return;
    this.buffer += `${JSON.stringify(problem)}\n`;
    if (this.buffer.length > bufferChars) this.flush();
  }

  close(): void {
    if (this.file === undefined) return;
    this.flush();
    closeSync(this.file);
  }

  tell(screen: Screen): void {
    if (this.first.length === 0) return;
    for (const { level, file, line, column, rule, message } of this.first) {
      const place = column === undefined ? '' : `, column "${column}"`;
      screen.write(`${file}, line ${String(line)}${place}: ${level}: ${rule}: ${message}\n`);
    }
    const untold = this.problems - this.first.length;
    if (untold > 0) {
      const where =
        this.path === undefined ? 'with --errors FILE, all go to that file' : `all are in ${this.path}`;
      screen.write(`and ${String(untold)} more; ${where}\n`);
    }
    for (const [rule, { rows, level }] of this.byRule) {
      screen.write(`${String(rows)} ${rows === 1 ? 'row' : 'rows'} with ${level} ${rule}\n`);
    }
  }

  private flush(): void {
    if (this.file !== undefined) writeSync(this.file, this.buffer);
    this.buffer = '';
  }
}

/** A line with rows, rate and time left: rewritten in place on a terminal, else a new one a second at most. */
export class ProgressLine {
  private readonly started = Date.now();
  private toldAt = Date.now();

  constructor(
    private readonly screen: Screen | undefined,
    private readonly totalBytes: number,
  ) {}

  update(bytes: number, rows: number): void {
    const now = Date.now();
    if (!this.screen || now - this.toldAt < (this.screen.isTTY ? 200 : 1000)) return;
    this.toldAt = now;
    const seconds = (now - this.started) / 1000;
    const share = this.totalBytes > 0 ? bytes / this.totalBytes : 1;
    const left = share > 0 ? Math.ceil((seconds * (1 - share)) / share) : 0;
    const text = `${String(rows)} rows, ${(share * 100).toFixed(1)} %, ${String(Math.round(rows / seconds))} rows/s, ${String(left)} s left`;
    this.screen.write(this.screen.isTTY ? `\r\u001b[K${text}` : `${text}\n`);
  }

  end(): void {
    if (this.screen?.isTTY) this.screen.write('\r\u001b[K');
  }
}
