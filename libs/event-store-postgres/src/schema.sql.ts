/**
 * The store's schema. One head row gives out positions; its lock is the append lock, so that the order of
 * commits is the order of positions and an aborted append burns none.
 *
 * `data` and `metadata` are `text`, not `jsonb`: what is read back is byte for byte what was written.
 */
export const createEventStore = `
  create schema if not exists es;

  create table es.head (
    only_row    boolean primary key default true check (only_row),
    position    bigint not null,
    recorded_at timestamptz not null
  ) with (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
  insert into es.head (position, recorded_at) values (0, 'epoch');

  create table es.events (
    position    bigint primary key,
    stream      text not null,
    revision    integer not null,
    id          uuid not null,
    type        text not null,
    occurred_at timestamptz not null,
    recorded_at timestamptz not null,
    data        text not null,
    metadata    text not null,
    unique (stream, revision)
  );

  create type es.append_result as (
    conflict    text,
    actual      integer,
    position    bigint,
    recorded_at timestamptz,
    revisions   integer[]
  );
`;

/**
 * Appends to one or several streams in one round trip and one transaction.
 * `p_writes`: `[{"stream", "expected"}]`, expected -1 new, -2 exists, -3 any, else a revision.
 * `p_events`: `[{"w": index of the write, "id", "type", "at", "data": text}]` in the order to be stored.
 * A write that is not as expected makes the whole append return its stream in `conflict`, with nothing written.
 */
export const createAppend = `
  create function es.append(p_writes json, p_events json, p_metadata text) returns es.append_result
  language plpgsql as $$
  declare
    head    es.head;
    write   record;
    actual  integer;
    bases   integer[] := '{}';
    streams text[] := '{}';
    written bigint;
    result  es.append_result;
  begin
    select * into head from es.head for update;
    for write in select w.stream, w.expected from json_to_recordset(p_writes) as w (stream text, expected integer) loop
      actual := coalesce(
        (select e.revision from es.events e where e.stream = write.stream order by e.revision desc limit 1), -1);
      if not (write.expected = -3 or (write.expected = -2 and actual >= 0) or write.expected = actual) then
        result.conflict := write.stream;
        result.actual := actual;
        return result;
      end if;
      bases := bases || actual;
      streams := streams || write.stream;
    end loop;
    result.recorded_at := greatest(head.recorded_at, date_trunc('milliseconds', clock_timestamp()));
    insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
    select head.position + e.n, streams[e.w + 1],
           bases[e.w + 1] + row_number() over (partition by e.w order by e.n),
           e.id, e.type, e.at, result.recorded_at, e.data, p_metadata
      from rows from (json_to_recordset(p_events) as (w integer, id uuid, type text, at timestamptz, data text))
           with ordinality as e (w, id, type, at, data, n);
    get diagnostics written = row_count;
    result.position := head.position + written;
    result.revisions := array(
      select bases[e.w + 1] + count(*)::integer
        from json_to_recordset(p_events) as e (w integer) group by e.w order by e.w);
    update es.head set position = result.position, recorded_at = result.recorded_at;
    return result;
  end $$;
`;

/** Finds by bisection the last position that was recorded no later than a moment: recorded_at rises with position. */
export const createPositionAt = `
  create function es.position_at(p_moment timestamptz) returns bigint
  language plpgsql stable as $$
  declare
    low    bigint := 0;
    high   bigint;
    middle bigint;
  begin
    select position into high from es.head;
    while low < high loop
      middle := (low + high + 1) / 2;
      if (select recorded_at from es.events where position = middle) <= p_moment then
        low := middle;
      else
        high := middle - 1;
      end if;
    end loop;
    return low;
  end $$;
`;

/** Takes everything of the store away; only for a database that is given up. */
export const dropEventStore = 'drop schema es cascade';
