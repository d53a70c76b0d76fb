/**
 * Appends events whose revisions are known beforehand: what goes in is right, what does not go in is not yet refused.
 *
 * `p_before` is the revision that each event follows in its stream, -1 for the first. What is looked up about a stream
 * is as old as the statement, which may wait for the append lock behind it: that a revision was there stays true, that
 * none follows is the unique index's to say. So there is neither a second look below the lock nor a row that must be
 * brought together with another, which is what `es.append` spends most of its time on.
 *
 * Streams of `p_empty` get nothing, but must be empty: that is looked for below the lock, with a snapshot of its own.
 *
 * One plan for a whole session, perhaps made while there is hardly an event, must suit a full table too: hence the
 * settings, and look-ups that cannot become joins. The largest parameters come first, so that the driver's buffer grows
 * in one step and not in ten.
 */
export const createAppendKnown = `
  create or replace function es.append_known(
    p_data text[], p_metadata text[], p_streams text[], p_ids uuid[], p_types text[], p_moments timestamptz[],
    p_before integer[], p_looks boolean[], p_empty text[], out base bigint, out moment timestamptz
  ) language plpgsql
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $$
  begin
    update es.head h
       set position = h.position + cardinality(p_streams),
           recorded_at = greatest(h.recorded_at, date_trunc('milliseconds', clock_timestamp()))
     where not exists (
             select from unnest(p_streams, p_before, p_looks) as w (stream, before, looks)
              where w.looks
                and (select e.revision from es.events e where e.stream = w.stream and e.revision = w.before) is null)
    returning h.position - cardinality(p_streams), h.recorded_at into base, moment;
    if base is null then
      return;
    end if;
    if exists (select from unnest(p_empty) as c (stream)
                where (select e.revision from es.events e where e.stream = c.stream and e.revision = 0) is not null) then
      raise unique_violation using message = 'a stream that was to be empty is not';
    end if;
    insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
    select base + e.number, e.stream, e.before + 1, e.id, e.type, e.at, moment, e.data, e.metadata
      from unnest(p_streams, p_before, p_ids, p_types, p_moments, p_data, p_metadata) with ordinality
        as e (stream, before, id, type, at, data, metadata, number);
  end $$;
`;

/** The same for one event, which most commands that come alone are; at two thirds of the cost. */
export const createAppendKnownOne = `
  create or replace function es.append_known_one(
    p_stream text, p_before integer, p_id uuid, p_type text, p_moment timestamptz, p_data text, p_metadata text,
    out base bigint, out moment timestamptz
  ) language plpgsql
    set plan_cache_mode = force_generic_plan set enable_seqscan = off set enable_bitmapscan = off as $$
  begin
    if p_before >= 0 then
      perform from es.events e where e.stream = p_stream and e.revision = p_before;
      if not found then
        return;
      end if;
    end if;
    update es.head h
       set position = h.position + 1,
           recorded_at = greatest(h.recorded_at, date_trunc('milliseconds', clock_timestamp()))
    returning h.position - 1, h.recorded_at into base, moment;
    insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
    values (base + 1, p_stream, p_before + 1, p_id, p_type, p_moment, moment, p_data, p_metadata);
  end $$;
`;
