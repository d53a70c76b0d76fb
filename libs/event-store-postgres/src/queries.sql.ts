import type { EventFilter } from '@guanxi/event-store';
import { EVENT_COLUMNS } from './rows';

/*
 * Every query of the store's readers, so that a test can read the plan of each. What each goes through:
 *
 *   position            primary key of es.events
 *   events_stream       unique (stream text_pattern_ops, revision): one stream, and streams by prefix
 *   events_type         (hashtext(type), (position + 0))
 *   events_category     (hashtext(split_part(stream, '-', 1)), (position + 0))
 *
 * The sum keeps the planner from the primary key: it believes that what is common is common everywhere, and would walk
 * along all positions to the end of the log for a type that nobody writes any more.
 */

/** `$1` the stream, `$2` from which revision, `$3` how many at most, null for all. */
export const READ_STREAM = `select ${EVENT_COLUMNS} from es.events
  where stream = $1 and revision >= $2 order by revision limit $3`;

/** `$1` the streams, `$2` the types; both arrays of text. */
export const READ_STREAMS = `select ${EVENT_COLUMNS} from es.events
  where stream = any($1) and type = any($2) order by position`;

/** Which of some events are stored: `$1` their streams, `$2` their ids, `$3` and `$4` between which revisions each is. */
export const STORED = `select e.revision, e.position, e.recorded_at as "recordedAt"
  from unnest($1::text[], $2::uuid[], $3::integer[], $4::integer[]) with ordinality as w (stream, id, least, most, place)
  join es.events e on e.stream = w.stream and e.revision >= w.least and e.revision <= w.most and e.id = w.id
  order by w.place`;

/** What a stream's last revision was: `$1` the stream, `$2` up to which position. */
export const REVISION_AT = `select revision from es.events
  where stream = $1 and position <= $2 order by revision desc limit 1`;

/** How many events streams have: `$1` the streams, `$2` from which revision each, `$3` the types, `$4` up to which position. */
export const COUNT_EVENTS = `select count(*)::integer as events
  from unnest($1::text[], $2::integer[]) as w (stream, least)
  join es.events e on e.stream = w.stream and e.revision >= w.least
 where e.type = any($3) and e.position <= $4`;

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
export function readAllSql(filter: EventFilter = {}): {
  readonly text: string;
  readonly values: readonly unknown[];
} {
  const values: unknown[] = [];
  const bind: Bind = (value) => `$${values.push(value) + PAGE_PARAMETERS}`;
  return { text: merged(filter, bind) ?? led(filter, bind) ?? walked(filter, bind), values };
}

type Bind = (value: unknown) => string;

const CATEGORY = `split_part(stream, '-', 1)`;

/** Merging more would cost more planning than reading on and dropping what is not wanted. */
const MOST_MERGED = 32;

/**
 * Types alone, or categories alone: each is read along its own index in order, and the page is merged from them, so
 * that about as many events are read as answered, however rare they are and wherever in the log they lie. With another
 * condition beside, one that lets nothing more through would be read to its end for each page.
 */
function merged({ types, categories, prefixes }: EventFilter, bind: Bind): string | undefined {
  if (prefixes || (types && categories)) return undefined;
  const wanted = [...new Set(types ?? categories ?? [])];
  if (wanted.length < 2 || wanted.length > MOST_MERGED) return undefined;
  const columns = `${EVENT_COLUMNS}, position + 0 as place`;
  const pages = wanted.map((value) => alongIndex([equals(types ? 'type' : CATEGORY, value, bind)], columns));
  const all = pages.map((each) => `(${each})`).join(' union all ');
  return `select ${EVENT_COLUMNS} from (${all}) as events order by place limit $3`;
}

/** One type, one category, or the category of one prefix: its index leads, what else is wanted is looked at on the way. */
function led(filter: EventFilter, bind: Bind): string | undefined {
  const { types, categories, prefixes } = filter;
  const [type] = types ?? [];
  const [category] = categories ?? [];
  const [prefix] = prefixes ?? [];
  if (type !== undefined && types?.length === 1)
    return alongIndex([equals('type', type, bind), ...conditionsOf({ ...filter, types: undefined }, bind)]);
  if (category !== undefined && categories?.length === 1)
    return alongIndex([
      equals(CATEGORY, category, bind),
      ...conditionsOf({ ...filter, categories: undefined }, bind),
    ]);
  const hyphen = prefix?.indexOf('-') ?? -1;
  if (prefix === undefined || prefixes?.length !== 1 || hyphen < 0) return undefined;
  return alongIndex([
    `${hashOf(CATEGORY)} = ${hashOf(bind(prefix.slice(0, hyphen)))}`,
    ...conditionsOf(filter, bind),
  ]);
}

/**
 * Everything else: once along all positions, unless the prefixes begin the names of a few streams alone. The types and
 * categories are looked at from outside (`offset 0` keeps them there): for what it takes for rare, the planner would go
 * through the whole table, and do so again for each page.
 */
function walked({ types, categories, prefixes }: EventFilter, bind: Bind): string {
  if (!types && !categories) return page('position', conditionsOf({ prefixes }, bind));
  const inner = `select * from es.events
    where ${['position > $1 and position <= $2', ...conditionsOf({ prefixes }, bind)].join(' and ')}
    order by position offset 0`;
  return `select ${EVENT_COLUMNS} from (${inner}) as events
    where ${conditionsOf({ types, categories }, bind).join(' and ')} order by position limit $3`;
}

const alongIndex = (conditions: readonly string[], columns = EVENT_COLUMNS): string =>
  page('position + 0', conditions, columns);

const page = (place: string, conditions: readonly string[], columns = EVENT_COLUMNS): string =>
  `select ${columns} from es.events
    where ${[`${place} > $1 and ${place} <= $2`, ...conditions].join(' and ')} order by ${place} limit $3`;

const hashOf = (text: string): string => `hashtext(${text})`;

/**
 * The hash finds the index, which costs appends half of one of texts; the text decides. The planner knows how common
 * the hash is, and must not count the text as a second chance: of `coalesce` it expects nothing.
 */
function equals(column: string, value: string, bind: Bind): string {
  const parameter = bind(value);
  return `${hashOf(column)} = ${hashOf(parameter)} and coalesce(${column} = ${parameter}, false)`;
}

function conditionsOf({ types, categories, prefixes }: EventFilter, bind: Bind): readonly string[] {
  return [
    ...(types ? [`type = any(${bind(types)}::text[])`] : []),
    ...(categories ? [`${CATEGORY} = any(${bind(categories)}::text[])`] : []),
    ...(prefixes ? [beginsWithOneOf(prefixes, bind)] : []),
  ];
}

/** No array here: the planner finds the index for `^@` with one prefix at a time only. */
const beginsWithOneOf = (prefixes: readonly string[], bind: Bind): string =>
  prefixes.length === 0 ? 'false' : `(${prefixes.map((prefix) => `stream ^@ ${bind(prefix)}`).join(' or ')})`;
