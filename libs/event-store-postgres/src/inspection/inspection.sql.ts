/** Whether this database holds a store. */
export const STORE_EXISTS = `select to_regclass('es.events') is not null and to_regclass('es.head') is not null as found`;

/** The store as a whole; one pass over the table. */
export const TOTALS = `
  select count(*) as events,
         count(*) filter (where revision = 0) as streams,
         coalesce((select position from es.head), 0) as head,
         pg_table_size('es.events') as "tableBytes",
         pg_indexes_size('es.events') as "indexBytes",
         (select recorded_at from es.events order by position limit 1) as "firstRecordedAt",
         (select recorded_at from es.events order by position desc limit 1) as "lastRecordedAt"
    from es.events`;

export const INDEX_SIZES = `
  select c.relname as name, pg_relation_size(c.oid) as bytes
    from pg_index i join pg_class c on c.oid = i.indexrelid
   where i.indrelid = 'es.events'::regclass order by c.relname`;

/** `$1` how many. */
export const BIGGEST_STREAMS = `
  select stream, count(*) as events from es.events group by stream order by events desc, stream limit $1`;

/** `$1` how many. */
export const COMMONEST_TYPES = `
  select type, count(*) as events from es.events group by type order by events desc, type limit $1`;

/** The head row beside the log as it is in the same moment. */
export const ENDS = `
  select (select position from es.head) as head, (select max(position) from es.events) as last,
         (select min(position) from es.events) as first,
         (select recorded_at < (select recorded_at from es.events order by position desc limit 1) from es.head)
           as "headIsEarlier"`;

/** The event before position `$1`, which the first one of a page is compared with. */
export const BEFORE = `
  select position, recorded_at::text as "recordedAt" from es.events where position < $1
   order by position desc limit 1`;

/** Texts above this size are fetched one at a time, so that a page has a bounded size whatever it holds. */
const LARGE_TEXT = 16_384;

/**
 * A page of events from position `$1` to `$2`, at most `$3`; `$4` is when the event before them was recorded. The event
 * before in the stream is looked up by its revision, and by the same token whether the revision is taken twice.
 */
export const PAGE = `
  with page as materialized (
    select position, stream, revision, recorded_at, data, metadata from es.events
     where position >= $1 and position <= $2 order by position limit $3
  )
  select e.position, e.stream, e.revision, e.recorded_at::text as "recordedAt",
         e.recorded_at < coalesce(lag(e.recorded_at) over (order by e.position), $4::timestamptz) as inverted,
         coalesce((select max(p.position) from es.events p
                    where p.stream = e.stream and p.revision = e.revision - 1), 0) as "predecessor",
         (select count(*) from es.events p where p.stream = e.stream and p.revision = e.revision) as "atRevision",
         case when length(e.data) <= ${LARGE_TEXT} then e.data end as data,
         case when length(e.metadata) <= ${LARGE_TEXT} then e.metadata end as metadata
    from page e order by e.position`;

/** The texts of one event, whatever their size: `$1` its position. */
export const TEXTS = 'select data, metadata from es.events where position = $1';

/** Event ids that stand more than once, at or behind position `$1`. Sorted by the database, on its disk if need be. */
export const DUPLICATE_IDS = `
  select id, array_agg(position::text order by position) as positions from es.events
   group by id having count(*) > 1 and max(position) >= $1 order by min(position)`;
