/** A row's or movement's fields by name. */
export const fieldsOf = (row: object): Readonly<Record<string, unknown>> =>
  row as Readonly<Record<string, unknown>>;
