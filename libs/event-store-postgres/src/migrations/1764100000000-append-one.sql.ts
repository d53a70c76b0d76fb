/**
 * Appends one event to one stream: what `es.append` does for a group of one, in statements that cost half as much.
 * Stays for processes of the release that calls it; those after it call `es.append_known_one`.
 * Returns the moment, the position before the event and the revision at which the stream was found; nothing is written
 * where that is not the expected one.
 */
export const createAppendOne = `
  create or replace function es.append_one(
    p_stream text, p_expected integer, p_metadata text, p_id uuid, p_type text, p_moment timestamptz, p_data text,
    out moment timestamptz, out base bigint, out actual integer
  ) language plpgsql set enable_seqscan = off as $$
  begin
    select h.position, h.recorded_at into base, moment from es.head h for update;
    select e.revision into actual from es.events e where e.stream = p_stream order by e.revision desc limit 1;
    actual := coalesce(actual, -1);
    if not (p_expected = -3 or (p_expected = -2 and actual >= 0) or p_expected = actual) then
      return;
    end if;
    moment := greatest(moment, date_trunc('milliseconds', clock_timestamp()));
    insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
    values (base + 1, p_stream, actual + 1, p_id, p_type, p_moment, moment, p_data, p_metadata);
    update es.head h set position = base + 1, recorded_at = moment;
  end $$;
`;
