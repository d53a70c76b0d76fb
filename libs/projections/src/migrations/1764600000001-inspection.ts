import type { MigrationInterface, QueryRunner } from 'typeorm';

/** What looking inside remembers: how far projections were, and what folding keys anew found; and the analysts' schema. */
export class ProjectionInspection1764600000001 implements MigrationInterface {
  readonly name = 'ProjectionInspection1764600000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ops.projection_looks (
        generation text primary key references ops.generations on delete cascade,
        position   bigint not null,
        looked_at  timestamptz not null
      );
      create table ops.code_findings (
        generation  text primary key references ops.generations on delete cascade,
        checked_at  timestamptz not null default now(),
        keys        integer not null,
        differing   integer not null,
        differences text[] not null,
        examples    uuid[] not null
      );
      create table ops.analysis_views (
        model      text primary key,
        definition text not null
      );
      create schema if not exists analysis;
      comment on schema analysis is 'Read models for analysts: stable views of what answers now, and functions for any moment.';
      create function analysis.known_position(model text, as_known_at timestamptz) returns bigint
      language plpgsql stable security definer set search_path = pg_catalog, pg_temp as $$
      declare
        reached bigint;
      begin
        select min(c.position) into reached
          from ops.serving s join ops.checkpoints c on c.generation = s.generation
         where s.model = known_position.model;
        if as_known_at is null or reached = 0 then
          return reached;
        end if;
        if not exists (select from es.events) then
          raise exception 'as_known_at can be asked only where the events are in this database'
            using hint = 'Ask without as_known_at, or ask the HTTP interface.';
        end if;
        return least(reached, es.position_at(as_known_at));
      end
      $$;
      comment on function analysis.known_position(text, timestamptz) is
        'Last position of the log that counts as known at a moment, as far as the tables of a read model have come.';
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
