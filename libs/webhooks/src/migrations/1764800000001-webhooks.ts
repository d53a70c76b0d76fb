import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * What webhooks keep outside the log: secrets, sealed; where each stands and who delivers for it; its deliveries. A
 * delivery that waits holds back the later events of its key, which are read anew from the log once it is through.
 */
export class Webhooks1764800000001 implements MigrationInterface {
  readonly name = 'Webhooks1764800000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`
      create table ops.webhook_secrets (
        webhook uuid not null,
        id      uuid not null,
        key_id  text not null,
        sealed  bytea not null,
        made_at timestamptz not null default clock_timestamp(),
        primary key (webhook, id)
      );
      create table ops.webhook_workers (
        id        uuid primary key,
        last_seen timestamptz not null
      );
      create table ops.webhook_places (
        webhook  uuid primary key,
        position bigint not null,
        run      integer not null default 0,
        enabled  integer not null,
        replayed integer not null default -1,
        moved_at timestamptz not null default clock_timestamp(),
        holder   uuid,
        token    bigint not null default 0,
        until    timestamptz not null default '-infinity'
      );
      create table ops.webhook_deliveries (
        number        bigint generated always as identity primary key,
        id            uuid not null,
        webhook       uuid not null,
        run           integer not null,
        message       text not null,
        type          text not null,
        topic         text not null,
        key           text not null,
        revision      integer not null,
        part          integer not null,
        position      bigint not null,
        status        text not null check (status in ('waiting', 'delivered', 'superseded')),
        attempts      integer not null,
        answer        integer,
        error         text,
        milliseconds  integer,
        first_at      timestamptz not null default clock_timestamp(),
        tried_at      timestamptz,
        next_at       timestamptz,
        unique (webhook, run, message)
      );
      create unique index webhook_deliveries_waiting on ops.webhook_deliveries (webhook, key) where status = 'waiting';
      create index webhook_deliveries_due on ops.webhook_deliveries (webhook, next_at) where status = 'waiting';
      create index webhook_deliveries_newest on ops.webhook_deliveries (webhook, number desc);
      create unique index webhook_deliveries_id on ops.webhook_deliveries (id);
      create index webhook_deliveries_age on ops.webhook_deliveries (first_at) where status <> 'waiting';
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
