/** What can be imported; `responses` is known and refused until surveys exist. */
export const importKinds = ['customers', 'products', 'sellers', 'deals', 'purchases', 'complaints'] as const;
export type ImportKind = (typeof importKinds)[number];

/** One record of a source; `line` is the physical line where it starts, counted from 1. */
export interface SourceRow {
  readonly fields: readonly string[];
  readonly line: number;
  /** Set when the record itself could not be read, for example a line that is no JSON. */
  readonly fault?: RowFault;
}

export type JsonValue = string | number | boolean | JsonObject | readonly JsonValue[];
export interface JsonObject {
  readonly [name: string]: JsonValue;
}

/** A line of the bulk route. */
export interface CommandLine {
  readonly command: string;
  readonly id: string;
  readonly key: string;
  readonly occurredAt?: string;
  readonly data: JsonObject;
}

/** A command of a fact. One that only *ensures* (a customer before its purchase) never decides over the fact's rows. */
export interface FactCommand {
  readonly line: CommandLine;
  readonly ensures: boolean;
}

/** What one row, or one group of rows, says: the commands for it and how many rows stand behind them. */
export interface Fact {
  readonly file: string;
  readonly line: number;
  readonly rows: number;
  readonly commands: readonly FactCommand[];
}

/** A row (or `rows` rows of one fact) that did not go in, or a warning about one that did. */
export interface RowProblem {
  readonly level: 'error' | 'warning';
  readonly file: string;
  readonly line: number;
  readonly rows: number;
  readonly column?: string;
  readonly rule: string;
  readonly message: string;
}

/** Where mapped rows go. */
export interface FactSink {
  fact(fact: Fact): void;
  problem(problem: RowProblem): void;
}

/** What is wrong with a row: the rule it breaks and the column where it does. */
export interface Fault {
  readonly rule: string;
  readonly message: string;
  readonly column?: string | undefined;
}

/** A fault found deep inside a conversion. */
export class RowFault extends Error implements Fault {
  constructor(
    readonly rule: string,
    message: string,
    readonly column?: string,
  ) {
    super(message);
  }
}

/** The import as a whole can't be done; nothing more is sent. `code` names the rule, the message names the place. */
export class ImportFailure extends Error {
  override readonly name = 'ImportFailure';

  constructor(
    readonly code: string,
    message: string,
  ) {
    super(message);
  }
}

/** A value for a message: quoted, on one line, cut at 80 characters. */
export function shown(value: string): string {
  return JSON.stringify(value.length > 80 ? `${value.slice(0, 79)}\u2026` : value);
}

export const messageOf = (error: unknown): string => (error instanceof Error ? error.message : String(error));

/** An object as JSON and YAML know it. */
export const isRecord = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);
