-- A database as the first release left it: its schema read back from the catalogue, its events written by its own
-- function. Never edited: what was stored once must be read for ever.

create schema es;
create schema ops;
create schema rm;
create sequence ops.migrations_id_seq;

create table ops.migrations (
  id integer not null default nextval('ops.migrations_id_seq'::regclass),
  timestamp bigint not null,
  name character varying not null,
  constraint "PK_8c82d7f526340ab734260ea46be" PRIMARY KEY (id)
);
insert into ops.migrations (id, timestamp, name) values
  ('1', '1763800000000', 'EventStoreSchema1763800000000'),
  ('2', '1763800000001', 'ProjectionsSchema1763800000001'),
  ('3', '1763800000002', 'ApiKeysSchema1763800000002');

create table es.head (
  only_row boolean not null default true,
  position bigint not null,
  recorded_at timestamp with time zone not null,
  constraint "head_pkey" PRIMARY KEY (only_row),
  constraint "head_only_row_check" CHECK (only_row)
) with (fillfactor=10, autovacuum_vacuum_scale_factor=0, autovacuum_vacuum_threshold=5000);
insert into es.head (only_row, position, recorded_at) values
  ('true', '6', '2025-11-22 10:07:28.94+00');

create table es.events (
  position bigint not null,
  stream text not null,
  revision integer not null,
  id uuid not null,
  type text not null,
  occurred_at timestamp with time zone not null,
  recorded_at timestamp with time zone not null,
  data text not null,
  metadata text not null,
  constraint "events_stream_revision_key" UNIQUE (stream, revision),
  constraint "events_pkey" PRIMARY KEY ("position")
);
insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata) values
  ('1', 'customer-4e72d9ca-ec52-5c5c-adf0-a9dd5d379983', '0', '940549e9-6508-53f0-a48a-842f119c3fb9', 'customer-registered.v1', '2024-02-01 09:00:00+00', '2025-11-22 10:07:28.929+00', '{"name":"Künstler & Söhne 上海","region":"east"}', '{"commandId":"2f22765d-0493-5a07-a909-145ca628d226","command":"RegisterCustomer","commandHash":"6b86b273ff34fce19d6b804eff5a3f5747ada4eaa22f1d49c01e52ddb7875b4b","correlationId":"a2ab1959-c1c3-5fa2-a5b0-fc9019937827","actor":"importer","tenant":"default","policyVersion":0}'),
  ('2', 'deal-60f59e2b-541c-5e43-a883-2f548c4f4b0f', '0', '961a3744-9534-5577-ac8a-be17b4041aa4', 'deal-opened.v1', '2024-02-03 09:00:00.123+00', '2025-11-22 10:07:28.936+00', '{ "spaced":  true , "value": {"amount": 12500000, "currency": "EUR"} }', '{"commandId":"6b1f5330-3a73-5ccc-ac6a-ae6640399827","command":"OpenDeal","commandHash":"d4735e3a265e16eee03f59718b9b5d03019c07d8b6c51f90da3a666eec13ab35","correlationId":"bfeb734d-2eb5-5091-a145-c1861248757d","actor":"importer","tenant":"default","policyVersion":0}'),
  ('3', 'deal-60f59e2b-541c-5e43-a883-2f548c4f4b0f', '1', '78e2fb03-7d20-5d0f-ad4d-f46b34f04089', 'first-meeting-held.v1', '2024-02-10 09:00:00+00', '2025-11-22 10:07:28.938+00', '{"held":"2024-02-10"}', '{"commandId":"a625406f-6977-545c-a391-b078f4d3656e","command":"HoldFirstMeeting","commandHash":"4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce","correlationId":"b532a544-0dd8-522d-ad5f-8d999b310687","actor":"importer","tenant":"default","policyVersion":0}'),
  ('4', 'deal-60f59e2b-541c-5e43-a883-2f548c4f4b0f', '2', 'ef7fad0c-2df7-519f-aa3f-7b9a3899230f', 'deal-advanced.v1', '2024-02-10 09:00:00+00', '2025-11-22 10:07:28.938+00', '{"from":"E","to":"D","note":"it''s a \\ and a '' here"}', '{"commandId":"a625406f-6977-545c-a391-b078f4d3656e","command":"HoldFirstMeeting","commandHash":"4e07408562bedb8b60ce05c1decfe3ad16b72230967de01f640b7e4729b49fce","correlationId":"b532a544-0dd8-522d-ad5f-8d999b310687","actor":"importer","tenant":"default","policyVersion":0}'),
  ('5', 'deal-9f353020-b2e2-5e34-a081-e533129500a4', '0', 'ba057c93-578f-54ee-abe0-4d6b900df52f', 'deal-opened.v1', '2024-03-03 09:00:00+00', '2025-11-22 10:07:28.939+00', '{"value":{"amount":900,"currency":"CNY"}}', '{"commandId":"e4666a67-0f04-5877-a67a-84473a71675e","command":"OpenDeal","commandHash":"4b227777d4dd1fc61c6f884f48641d02b4d121d3fd328cb08b5531fcacdabf8a","correlationId":"5ef8766d-e935-5244-a4b5-63aa3eb0c746","actor":"importer","tenant":"default","policyVersion":0}'),
  ('6', 'deal-9f353020-b2e2-5e34-a081-e533129500a4', '1', 'ca76d590-6dd9-537e-a41f-809f8450bb83', 'deal-lost.v1', '2024-03-09 09:00:00+00', '2025-11-22 10:07:28.94+00', '{"reason":"price"}', '{"commandId":"8dc29fc5-8c0b-5990-a8c2-e5c752aa6152","command":"CloseDealLost","commandHash":"ef2d127de37b942baad06145e54b0c619a1f22327b2ebbcfbec78f5564afe39d","correlationId":"4464c0f8-30bc-551c-ac8e-3f229afd6366","actor":"importer","tenant":"default","policyVersion":0}');

create table ops.checkpoints (
  model text not null,
  position bigint not null,
  updated_at timestamp with time zone not null default now(),
  constraint "checkpoints_pkey" PRIMARY KEY (model)
);

create table ops.parked_keys (
  model text not null,
  id uuid not null,
  stream text not null,
  position bigint not null,
  waiting bigint not null default 0,
  error text not null,
  parked_at timestamp with time zone not null default now(),
  constraint "parked_keys_pkey" PRIMARY KEY (model, id)
);

create table ops.api_keys (
  id text not null,
  name text not null,
  hash bytea not null,
  roles text[] not null,
  last_four text not null,
  created_at timestamp with time zone not null default now(),
  expires_at timestamp with time zone,
  revoked_at timestamp with time zone,
  constraint "api_keys_pkey" PRIMARY KEY (id)
);

select setval('ops.migrations_id_seq', (select max(id) from ops.migrations));

CREATE OR REPLACE FUNCTION es.append(p_writes json, p_events json)
 RETURNS json
 LANGUAGE plpgsql
 SET plan_cache_mode TO 'force_generic_plan'
AS $function$
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
  end $function$;

CREATE OR REPLACE FUNCTION es.position_at(p_moment timestamp with time zone)
 RETURNS bigint
 LANGUAGE plpgsql
 STABLE
AS $function$
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
  end $function$;
