import { sample } from './sample.mjs';
import { execute } from './servers.mjs';

/** How many events each stream of a filled store has. */
export const EVENTS_A_STREAM = 10;

const CHUNK = 1_000_000;

/**
 * Writes `count` events straight into the tables, as so many appends would have left them: streams with names in no
 * order, positions without gaps, times that rise. Indexes are made afterwards, which takes a fraction of the time.
 */
export async function fill(url, count) {
  const { type, data, metadata } = sample();
  const chunks = [];
  for (let from = 0; from < count; from += CHUNK) {
    chunks.push(`
      insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
      select n + 1, 'account-' || md5((n / ${EVENTS_A_STREAM})::text), n % ${EVENTS_A_STREAM}, gen_random_uuid(),
             '${type}', at, at, '${JSON.stringify(data)}', '${JSON.stringify(metadata)}'
        from generate_series(${from}::bigint, ${Math.min(from + CHUNK, count) - 1}::bigint) as n,
             lateral (select '2025-01-01Z'::timestamptz + n * interval '1 millisecond' as at) as moment`);
  }
  await execute(
    url,
    ...withoutIndexes(chunks),
    `update es.head set position = ${count}, recorded_at = (select recorded_at from es.events where position = ${count})`,
    `vacuum analyze es.events`,
    `checkpoint`,
  );
}

/** Statements that fill the table of events, between those that drop its indexes and those that make them again. */
export const withoutIndexes = (statements) => [
  REMEMBER_INDEXES,
  `do $$ declare one record; begin
     for one in select drop from made_again order by is_constraint desc loop execute one.drop; end loop;
   end $$`,
  ...statements,
  `do $$ declare one record; begin
     for one in select make from made_again loop execute one.make; end loop;
   end $$`,
  `drop table made_again`,
];

/** Every index of the table, whether it belongs to a constraint or not, with how to drop and to make it. */
const REMEMBER_INDEXES = `
  create table made_again as
  select c.oid is not null as is_constraint,
         case when c.oid is null then format('drop index es.%I', i.relname)
              else format('alter table es.events drop constraint %I', c.conname) end as drop,
         case when c.oid is null then pg_get_indexdef(i.oid)
              else format('alter table es.events add constraint %I %s', c.conname, pg_get_constraintdef(c.oid))
         end as make
    from pg_index x
    join pg_class i on i.oid = x.indexrelid
    left join pg_constraint c on c.conindid = i.oid and c.conrelid = x.indrelid
   where x.indrelid = 'es.events'::regclass`;
