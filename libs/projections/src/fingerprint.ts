import { hash } from 'node:crypto';
import type { AnyReadModel } from './read-model';

/**
 * What can be seen of a read model's code: what it reads, its columns and its functions as they were compiled. Functions
 * that those call are not seen; that what they return has changed is found by folding keys anew.
 */
export function fingerprintOf({
  types,
  columns,
  keyOf,
  evolve,
  movements,
  manyStreams,
}: AnyReadModel): string {
  const functions = [keyOf, evolve, movements?.of].map(String);
  const seen = { types, columns, moved: movements?.columns, manyStreams, functions };
  return hash('sha256', JSON.stringify(seen), 'hex');
}
