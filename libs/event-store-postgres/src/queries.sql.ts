import type { EventFilter } from '@guanxi/event-store';
import { EVENT_COLUMNS } from './rows';

/*
 * Every query of the store's readers, so that a test can read the plan of each. What each goes through:
 *
 *   position            primary key of es.events
 *   events_stream       unique (stream text_pattern_ops, revision): one stream, and streams by prefix
 *   events_type         (type, position)
 *   events_category     (split_part(stream, '-', 1), position)
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
 */
export function readAllSql(filter: EventFilter | undefined): {
  readonly text: string;
  readonly values: readonly unknown[];
} {
  const values: unknown[] = [];
  const bind = (value: unknown): string => `$${values.push(value) + PAGE_PARAMETERS}`;
  const conditions = [
    'position > $1 and position <= $2',
    ...(filter?.types ? [among('type', filter.types, bind)] : []),
    ...(filter?.categories ? [among(CATEGORY, filter.categories, bind)] : []),
    ...(filter?.prefixes ? [beginsWithOneOf(filter.prefixes, bind)] : []),
  ];
  const text = `select ${EVENT_COLUMNS} from es.events
    where ${conditions.join(' and ')} order by position limit $3`;
  return { text, values };
}

/** Must read like the expression of the index `events_category`. */
const CATEGORY = `split_part(stream, '-', 1)`;

type Bind = (value: unknown) => string;

/** One value is compared by `=`, after which its index gives the order of positions too. */
function among(column: string, values: readonly string[], bind: Bind): string {
  const [first] = values;
  return values.length === 1 && first !== undefined
    ? `${column} = ${bind(first)}`
    : `${column} = any(${bind(values)}::text[])`;
}

/** No array here: the planner finds the index for `^@` with one prefix at a time only. */
function beginsWithOneOf(prefixes: readonly string[], bind: Bind): string {
  if (prefixes.length === 0) return 'false';
  return `(${prefixes.map((prefix) => beginsWith(prefix, bind)).join(' or ')})`;
}

/** A prefix that names its category whole may also be read along that category, in order, which suits wide prefixes. */
function beginsWith(prefix: string, bind: Bind): string {
  const hyphen = prefix.indexOf('-');
  const begins = `stream ^@ ${bind(prefix)}`;
  return hyphen < 0 ? begins : `(${CATEGORY} = ${bind(prefix.slice(0, hyphen))} and ${begins})`;
}
