import type { EventFilter } from '@guanxi/event-store';
import { EVENT_COLUMNS } from './rows';

/*
 * Every query of the store's readers, so that a test can read the plan of each. What each goes through:
 *
 *   position            primary key of es.events
 *   events_stream       unique (stream text_pattern_ops, revision): one stream, and streams by prefix
 *   events_type         (hashtext(type), position)
 *   events_category     (hashtext(split_part(stream, '-', 1)), position)
 */

/** `$1` the stream, `$2` from which revision, `$3` how many at most, null for all. */
export const READ_STREAM = `select ${EVENT_COLUMNS} from es.events
  where stream = $1 and revision >= $2 order by revision limit $3`;

/** `$1` the streams, `$2` the types; both arrays of text. */
export const READ_STREAMS = `select ${EVENT_COLUMNS} from es.events
  where stream = any($1) and type = any($2) order by position`;

/** Which of some events are stored: `$1` their streams, `$2` their ids, `$3` the least revision of each. */
export const STORED = `select e.revision, e.position, e.recorded_at as "recordedAt"
  from unnest($1::text[], $2::uuid[], $3::integer[]) with ordinality as w (stream, id, least, place)
  join es.events e on e.stream = w.stream and e.revision >= w.least and e.id = w.id
  order by w.place`;

/** Where the log ends. */
export const HEAD = 'select position from es.head';

/** `$1` the moment. */
export const POSITION_AT = 'select es.position_at($1) as position';

/** The first parameters of `readAllSql`, in their order: behind, up to, how many at most. */
const PAGE_PARAMETERS = 3;

/**
 * A page of the log: events behind position `$1` up to position `$2` in position order, at most `$3`.
 *
 * `values` are those of the filter alone and belong behind these three. Run it unnamed where there is a filter: only a
 * plan made for the very values knows whether they are rare enough for their index.
 *
 * Each wanted type (or category, or prefix) is read along its own index in order, and the page is merged from them: it
 * reads about as many rows as it answers, however rare they are and wherever in the log they lie.
 */
export function readAllSql(filter: EventFilter = {}): {
  readonly text: string;
  readonly values: readonly unknown[];
} {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value) + PAGE_PARAMETERS}`;
  const [leading, ...others] = partsOf(filter, bind);
  const page = (conditions: readonly string[]): string =>
    `select ${EVENT_COLUMNS} from es.events
      where ${['position > $1 and position <= $2', ...conditions].join(' and ')} order by position limit $3`;
  const common = others.map(anyOf);
  if (!leading || !isMergeable(leading))
    return { text: page([...(leading ? [anyOf(leading)] : []), ...common]), values };
  const pages = leading.map((condition) => page([condition, ...common]));
  const text =
    pages.length === 1
      ? pages.join('')
      : `select * from (${pages.map((each) => `(${each})`).join(' union all ')}) as events order by position limit $3`;
  return { text, values };
}

/** Merging more would cost more planning than reading on and dropping what is not wanted. */
const MOST_MERGED = 32;

type Bind = (value: unknown) => string;
/** The values of one part of a filter as conditions of which no two hold of one event. */
type Part = readonly string[];

const anyOf = (part: Part): string => (part.length === 0 ? 'false' : `(${part.join(' or ')})`);
const isMergeable = (part: Part): boolean => part.length > 0 && part.length <= MOST_MERGED;

/** The first part leads the way through its index; it is the one that is likely to let the least through. */
function partsOf({ types, categories, prefixes }: EventFilter, bind: Bind): readonly Part[] {
  return [
    ...(types ? [distinct(types).map((type) => equals('type', type, bind))] : []),
    ...(prefixes ? [widest(prefixes).map((prefix) => beginsWith(prefix, bind))] : []),
    ...(categories ? [distinct(categories).map((category) => equals(CATEGORY, category, bind))] : []),
  ];
}

const CATEGORY = `split_part(stream, '-', 1)`;

/** The hash finds the index, which is a third as dear for appends as one of texts; the text decides. */
function equals(column: string, value: string, bind: Bind): string {
  const parameter = bind(value);
  return `(hashtext(${column}) = hashtext(${parameter}) and ${column} = ${parameter})`;
}

/** A prefix that names its category whole may also be read along that category, in order, which suits wide prefixes. */
function beginsWith(prefix: string, bind: Bind): string {
  const hyphen = prefix.indexOf('-');
  const begins = `stream ^@ ${bind(prefix)}`;
  return hyphen < 0
    ? begins
    : `(hashtext(${CATEGORY}) = hashtext(${bind(prefix.slice(0, hyphen))}) and ${begins})`;
}

const distinct = (values: readonly string[]): readonly string[] => [...new Set(values)];

/** Without those that another one covers. */
const widest = (prefixes: readonly string[]): readonly string[] =>
  distinct(prefixes).filter(
    (prefix) => !prefixes.some((other) => other !== prefix && prefix.startsWith(other)),
  );
