/** A group of appends that the database has answered. */
export interface WrittenGroup {
  readonly appends: number;
  /** From its way to the database to the answer. */
  readonly seconds: number;
}

/** Gets told of appends, for measurements. */
export interface AppendObserver {
  written(group: WrittenGroup): void;
}
