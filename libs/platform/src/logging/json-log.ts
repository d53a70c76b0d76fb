import type { LoggerService } from '@nestjs/common';
import type { LogLevel } from '../config/config';
import { describeError, isError } from './describe-error';

type Fields = Readonly<Record<string, unknown>>;

const SEVERITY: Readonly<Record<LogLevel, number>> = { error: 0, warn: 1, info: 2, debug: 3 };

/** Log lines as JSON, one object a line. Callers pass ids, counts and names of things, never data of persons. */
export class JsonLog implements LoggerService {
  private pieces: string[] = [];
  private scheduled = false;

  /** @param write takes whole lines */
  constructor(
    private readonly level: LogLevel,
    private readonly write: (lines: string) => void,
  ) {}

  error(message: unknown, ...more: unknown[]): void {
    this.put('error', message, more);
  }

  warn(message: unknown, ...more: unknown[]): void {
    this.put('warn', message, more);
  }

  /** Nest's name for `info`. */
  log(message: unknown, ...more: unknown[]): void {
    this.put('info', message, more);
  }

  info(message: unknown, ...more: unknown[]): void {
    this.put('info', message, more);
  }

  debug(message: unknown, ...more: unknown[]): void {
    this.put('debug', message, more);
  }

  verbose(message: unknown, ...more: unknown[]): void {
    this.put('debug', message, more);
  }

  fatal(message: unknown, ...more: unknown[]): void {
    this.put('error', message, more);
    this.flush();
  }

  /** Writes what is held back; lines of one turn of the event loop leave together. */
  flush(): void {
    this.scheduled = false;
    const lines = this.pieces.join('');
    this.pieces = [];
    if (lines !== '') this.write(lines);
  }

  private put(level: LogLevel, message: unknown, more: readonly unknown[]): void {
    if (SEVERITY[level] > SEVERITY[this.level]) return;
    const part = more.findLast((one) => typeof one === 'string');
    const line = {
      time: new Date().toISOString(),
      level,
      ...(part === undefined ? {} : { part }),
      ...fieldsOf(message),
    };
    this.pieces.push(`${written(line)}\n`);
    if (this.scheduled) return;
    this.scheduled = true;
    setImmediate(() => {
      this.flush();
    });
  }
}

function fieldsOf(message: unknown): Fields {
  if (isError(message)) return { error: describeError(message) };
  if (typeof message === 'object' && message !== null) return { ...message };
  return { message: String(message) };
}

/** A replacer has every field looked at, which takes longer than the rest of a line: most lines need none. */
const written = (line: Fields): string =>
  Object.values(line).some((value) => typeof value === 'object' || typeof value === 'bigint')
    ? JSON.stringify(line, plain)
    : JSON.stringify(line);

const plain = (_name: string, value: unknown): unknown => {
  if (isError(value)) return describeError(value);
  return typeof value === 'bigint' ? String(value) : value;
};
