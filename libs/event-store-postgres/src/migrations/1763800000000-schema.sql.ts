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
`;

/**
 * Carries out a group of appends in one round trip and one transaction; each succeeds or fails by itself.
 * `p_writes`: `[{"g": number of the append, "w": number of the write, "stream", "expected", "events": how many,
 * "metadata": text}]`, expected -1 new, -2 exists, -3 any, else a revision; no stream stands in two appends.
 * `p_events`: `[{"w", "i": number in its write from 1, "id", "type", "at", "data": text}]`.
 * Returns `[{"g", "position", "at", "revisions": [last revision by write], "refused": {"stream", "actual"} | null}]`.
 * Positions follow from the counts, so that the events themselves are neither sorted nor copied on their way.
 * Planning would cost more than the work of a small group, hence one generic plan.
 * Reads below the lock take a snapshot of their own, so they see what was committed while the lock was waited for.
 */
export const createAppend = `
  create function es.append(p_writes json, p_events json) returns json
  language plpgsql set plan_cache_mode = force_generic_plan as $$
  declare
    head    es.head;
    moment  timestamptz;
    written bigint;
    results json;
  begin
    select * into head from es.head for update;
    moment := greatest(head.recorded_at, date_trunc('milliseconds', clock_timestamp()));
    with writes as materialized (
      select w.*, coalesce(
               (select e.revision from es.events e where e.stream = w.stream order by e.revision desc limit 1), -1
             ) as actual
        from json_to_recordset(p_writes)
          as w (g integer, w integer, stream text, expected integer, events integer, metadata text)
    ), refused as materialized (
      select distinct on (g) g, stream, actual from writes
       where not (expected = -3 or (expected = -2 and actual >= 0) or expected = actual)
       order by g, w
    ), accepted as materialized (
      select w.*, head.position + sum(w.events) over (order by w.w) - w.events as base
        from writes w where not exists (select from refused r where r.g = w.g)
    ), stored as (
      insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
      select a.base + e.i, a.stream, a.actual + e.i, e.id, e.type, e.at, moment, e.data, a.metadata
        from json_to_recordset(p_events) as e (w integer, i integer, id uuid, type text, at timestamptz, data text)
        join accepted a on a.w = e.w
      returning 1
    ), outcomes as (
      select w.g, max(a.base + a.events)::text as position, json_agg(a.actual + a.events order by w.w) as revisions
        from writes w left join accepted a on a.w = w.w group by w.g
    )
    select (select count(*) from stored),
           json_agg(json_build_object(
             'g', o.g, 'at', moment, 'position', o.position, 'revisions', o.revisions,
             'refused', case when r.g is not null then json_build_object('stream', r.stream, 'actual', r.actual) end))
      into written, results
      from outcomes o left join refused r on r.g = o.g;
    update es.head h set position = h.position + written, recorded_at = moment where written > 0;
    return results;
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
