/**
 * Carries out a group of appends in one round trip and one transaction; each succeeds or fails by itself.
 *
 * Parameters are columns: `p_streams` to `p_metadata` have one element a write, in order (expected -1 new, -2 exists,
 * -3 any, else a revision; groups are numbers of appends, rising; no stream stands in two appends), `p_writes` to
 * `p_data` one an event: the number of its write from 1, its number in that write from 1, and what is stored.
 * Returns one row: the moment under which all is recorded, the position before the group, and for each write the
 * revision at which its stream was found and whether its append was refused.
 *
 * Positions follow from the counts, so that the events themselves are neither sorted nor copied on their way.
 * Planning would cost more than the work of a small group, hence one generic plan.
 * Reads below the lock take a snapshot of their own, so they see what was committed while the lock was waited for.
 */
export const createAppend = `
  create function es.append(
    p_streams text[], p_expected integer[], p_counts integer[], p_groups integer[], p_metadata text[],
    p_writes integer[], p_numbers integer[], p_ids uuid[], p_types text[], p_moments timestamptz[], p_data text[],
    out moment timestamptz, out base bigint, out actual integer[], out refused boolean[]
  ) language plpgsql set plan_cache_mode = force_generic_plan as $$
  declare
    head    es.head;
    written bigint;
  begin
    select * into head from es.head for update;
    base := head.position;
    moment := greatest(head.recorded_at, date_trunc('milliseconds', clock_timestamp()));
    with writes as materialized (
      select w.*, coalesce(
               (select e.revision from es.events e where e.stream = w.stream order by e.revision desc limit 1), -1
             ) as last_revision
        from unnest(p_streams, p_expected, p_counts, p_groups, p_metadata) with ordinality
          as w (stream, expected, events, append, metadata, write)
    ), lost as materialized (
      select distinct append from writes
       where not (expected = -3 or (expected = -2 and last_revision >= 0) or expected = last_revision)
    ), accepted as materialized (
      select w.*, base + sum(w.events) over (order by w.write) - w.events as before
        from writes w where w.append not in (select l.append from lost l)
    ), stored as (
      insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
      select a.before + e.number, a.stream, a.last_revision + e.number, e.id, e.type, e.at, moment, e.data, a.metadata
        from unnest(p_writes, p_numbers, p_ids, p_types, p_moments, p_data) as e (write, number, id, type, at, data)
        join accepted a on a.write = e.write
      returning 1
    )
    select (select count(*) from stored),
           array_agg(w.last_revision order by w.write),
           array_agg(w.append in (select l.append from lost l) order by w.write)
      into written, actual, refused
      from writes w;
    update es.head h set position = h.position + written, recorded_at = moment where written > 0;
  end $$;
`;
