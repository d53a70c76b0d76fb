import { LRUCache } from 'lru-cache';
import { RowFault } from '../types';
import type { Columns } from './columns';
import type { KeyRule } from './document';
import { owned } from './identity';
import type { Fields } from './read';
import { Recall } from './recall';

/** How often each key came before; bounded, and never silently wrong: a key that was forgotten is refused. */
export class Occurrences {
  private readonly counts: LRUCache<string, number>;
  private readonly forgotten = new Recall();

  constructor(private readonly within: number) {
    this.counts = new LRUCache<string, number>({
      max: within,
      dispose: (_, key, reason) => {
        if (reason === 'evict') this.forgotten.add(key);
      },
    });
  }

  /** @throws RowFault `key.scattered` */
  next(key: string): number {
    const before = this.counts.get(key);
    if (before === undefined && this.forgotten.has(key)) {
      throw new RowFault(
        'key.scattered',
        `the rows of one key lie more than ${String(this.within)} keys apart: sort the file or raise externalKey.within`,
      );
    }
    const count = (before ?? 0) + 1;
    this.counts.set(before === undefined ? owned(key) : key, count);
    return count;
  }
}

/** Compiles the rule that makes the external key of a row. @throws RowFault `required` for a row without key */
export function compileKey(
  rule: KeyRule,
  columns: Columns,
  occurrences: Occurrences | undefined,
): (row: Fields) => string {
  const places = rule.columns.map((name) => columns.index(name, true));
  const [only = 0] = places;
  const part = (row: Fields, place: number): string => {
    const text = row[place]?.trim() ?? '';
    if (text === '') throw new RowFault('required', 'the external key is missing', columns.names[place]);
    return text;
  };
  const base = (row: Fields): string =>
    places.length === 1 ? part(row, only) : places.map((place) => part(row, place)).join(rule.join);
  if (!occurrences) return base;
  return (row) => {
    const key = base(row);
    return `${key}${rule.join}${String(occurrences.next(key))}`;
  };
}
