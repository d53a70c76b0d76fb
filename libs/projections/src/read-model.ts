import type { Happened, Instant, RecordedEvent } from '@guanxi/kernel';

/** Column types that a read model may use; each maps to one TypeScript type and back without loss. */
export type ColumnType =
  | 'uuid'
  | 'text'
  | 'bigint'
  | 'integer'
  | 'double precision'
  | 'boolean'
  | 'timestamptz'
  | 'date'
  | 'jsonb'
  | 'text[]';

/** One SQL column for each field of a row: field names are camelCase, column names their snake_case. */
export type Columns<Row> = { readonly [Field in keyof Row]-?: ColumnType };

/** An event as a read model sees it: what happened, when, and in which stream. */
export type InStream<E> = Happened<E> & { readonly stream: string };

/** A signed contribution to sums: what one event changed, at the moment at which it counts. */
export interface Movements<Row, Movement, E> {
  readonly columns: Columns<Movement>;
  /** Pure; called for each event that is in force, with the row before and after it. */
  readonly of: (before: Row | null, after: Row | null, event: Happened<E>) => readonly Movement[];
}

/**
 * A read model: which events it reads, which key each belongs to, and how a key's row follows from its events.
 * The engine keeps the row of now, all earlier rows on both time axes, and the movements; the model keeps no books.
 * @typeParam Row one row a key, JSON values only
 * @typeParam E events that it reads
 * @typeParam Movement contributions to sums
 */
export interface ReadModel<Row extends object, E, Movement extends object = never> {
  /** Name of the question that it answers, in snake_case: the tables' name. */
  readonly name: string;
  /** To be raised with every change of `columns`, `evolve` or `movements`: a new version has tables of its own. */
  readonly version: number;
  readonly types: readonly string[];
  /** The UUID of the row that an event belongs to; none when the event says nothing about any row. */
  readonly keyOf: (event: RecordedEvent) => string | undefined;
  /**
   * Set when the events of a key come from more than one stream: which streams speak about a key is noted then.
   * `of-its-types` notes those of the types that the model reads, `of-every-type` also those of other events for
   * which `keyOf` names a key, so that the question "what is there about this key" has its answer.
   */
  readonly manyStreams?: 'of-its-types' | 'of-every-type';
  readonly columns: Columns<Row>;
  /**
   * Pure. Returns the row itself when nothing changes, null as long as there is none; a row never goes away
   * again: what ends is a status of the row, because history asks for it.
   */
  readonly evolve: (row: Row | null, event: InStream<E>, key: string) => Row | null;
  readonly movements?: Movements<Row, Movement, E>;
  /**
   * A column with the moment at which a row's first version began, so never later than `valid_from`: what began after
   * the moment asked for is left out by an index on it.
   */
  readonly beganAt?: MomentColumn<Row>;
  /**
   * Columns by which rows of the past are picked, the first one oftenest: they stand in the indexes of history, so that
   * those of one owner, for example, are found without the others of that time.
   */
  readonly pickedBy?: readonly (string & keyof Row)[];
  /** Indexes beside those that the engine makes. */
  readonly indexes?: readonly ModelIndex[];
  /** What rows and columns mean, for analysts who read them by SQL. */
  readonly words?: Words<Row>;
}

/** What a read model's rows and each of their columns mean, in plain words. */
export interface Words<Row> {
  readonly about: string;
  readonly columns: { readonly [Field in keyof Row]-?: string };
}

/** Columns of a row that always hold a moment. */
export type MomentColumn<Row> = {
  [Field in string & keyof Row]-?: Row[Field] extends Instant ? Field : never;
}[string & keyof Row];

/** An index of a read model's own. */
export interface ModelIndex {
  /** Ends the index's name, which begins with that of the tables. */
  readonly name: string;
  readonly table: keyof TableNames;
  /** What follows the table's name: `(stage) where status = 'open'`. */
  readonly on: string;
}

/** A read model of any row type, as the engine handles it. */
// eslint-disable-next-line @typescript-eslint/no-explicit-any -- rows are opaque to the engine; variance forbids unknown
export type AnyReadModel = ReadModel<any, any, any>;

/** Names of one generation's tables, with schema. */
export interface TableNames {
  readonly current: string;
  readonly history: string;
  readonly movements: string;
  /** Which streams hold the events of a key; only where a key has many streams. */
  readonly streams: string;
}

/** Schema of all read models. */
export const READ_SCHEMA = 'rm';

/**
 * Names of a generation's tables, which all begin with the generation's.
 * @param generation one that is in no book, such as those of a replay, may name a schema of its own: `scratch.deals`
 */
export function tablesOf(generation: string): TableNames {
  const current = generation.includes('.') ? generation : `${READ_SCHEMA}.${generation}`;
  return {
    current,
    history: `${current}_history`,
    movements: `${current}_movements`,
    streams: `${current}_streams`,
  };
}

/** Name of a model's first generation of a version. */
export const firstGeneration = ({ name, version }: Pick<AnyReadModel, 'name' | 'version'>): string =>
  `${name}_v${version}`;

/** `wonValue` as a column name: `won_value`. */
export const columnOf = (field: string): string =>
  field.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);

/** A column list `won_value as "wonValue", …` for queries that want whole rows. */
export const selectList = (columns: Columns<object>, prefix = ''): string =>
  Object.keys(columns)
    .map((field) => `${prefix}${columnOf(field)} as "${field}"`)
    .join(', ');
