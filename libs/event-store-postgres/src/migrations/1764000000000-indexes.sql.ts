/** An index of `es.events` and how it is built while appends go on. */
export interface OnlineIndex {
  readonly name: string;
  readonly create: string;
}

/**
 * `events_stream` takes the place of the constraint unique (stream, revision) at the same cost: compared by bytes it
 * finds streams by prefix too, whatever the collation of the database. The other two give the order of positions
 * within a type and within a category; of hashes, whose indexes cost appends half of those of texts. Their positions
 * are a sum for the planner's sake: see the queries.
 */
export const onlineIndexes: readonly OnlineIndex[] = [
  {
    name: 'events_stream',
    create: `create unique index concurrently if not exists events_stream on es.events (stream text_pattern_ops, revision)`,
  },
  {
    name: 'events_type',
    create: `create index concurrently if not exists events_type on es.events (hashtext(type), (position + 0))`,
  },
  {
    name: 'events_category',
    create: `create index concurrently if not exists events_category on es.events (hashtext(split_part(stream, '-', 1)), (position + 0))`,
  },
];

/** One row for an index of the store, `$1`, whose build did not come to its end. */
export const invalidIndex = `
  select from pg_index
   where indrelid = 'es.events'::regclass and indexrelid = to_regclass('es.' || $1) and not indisvalid`;

/** Builds that a process which was killed has left to its server still run to their end. */
export const buildsUnderWay = `
  select pid from pg_stat_progress_create_index
   where relid = 'es.events'::regclass and datname = current_database()`;

export const dropIndex = (name: string): string => `drop index concurrently if exists es.${name}`;

/** Waits for whoever reads the table, and holds up whoever comes after it: not for long, hence in tries. */
export const dropOldUnique = 'alter table es.events drop constraint if exists events_stream_revision_key';

export const anyEvent = 'select from es.events limit 1';

/**
 * Without it the planner knows nothing of the new expressions, and takes every category for a rare one. Not for a table
 * that is empty: it would be taken for empty ever after.
 */
export const analyse = 'analyze es.events';

/** Appends make one plan for a whole session, perhaps while there is hardly an event: it must suit a full table too. */
export const appendsByIndex: readonly string[] = [
  'es.append(json, json)',
  `es.append(text[], integer[], integer[], integer[], text[], integer[], integer[], uuid[], text[], timestamptz[], text[])`,
].map((name) => `alter function ${name} set enable_seqscan = off set enable_bitmapscan = off`);
