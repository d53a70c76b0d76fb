import { Value } from '@sinclair/typebox/value';

/** The fields that hold something: an optional field that is left out, or sent as null, is not there at all. */
export function present<T extends object>(fields: T): T {
  const copy = { ...fields };
  for (const name in copy) {
    if (copy[name] === undefined || copy[name] === null) Reflect.deleteProperty(copy, name);
  }
  return copy;
}

/** True when what is said now was said before: then there is nothing to note. */
export const saidBefore = (before: object | undefined, now: object): boolean =>
  before !== undefined && Value.Equal(before, now);
