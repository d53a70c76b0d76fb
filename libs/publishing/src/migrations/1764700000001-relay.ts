/** What a migration needs of TypeORM's runner. */
interface Runner {
  query(text: string): Promise<unknown>;
}

/**
 * How the relay stands, for those who look: where the messages are knows better, and nothing is decided by these
 * tables. Only that somebody wants a parked key tried again is told the relay here.
 */
export class Relay1764700000001 {
  readonly name = 'Relay1764700000001';

  async up(runner: Runner): Promise<void> {
    await runner.query(`
      create table ops.relay (
        name       text primary key,
        phase      text not null,
        reason     text,
        position   bigint,
        holder     text not null,
        since      timestamptz not null,
        updated_at timestamptz not null
      );
      create table ops.relay_parked (
        stream          text primary key,
        position        bigint not null,
        type            text not null,
        contract        text not null,
        reason          text not null,
        since           timestamptz not null default clock_timestamp(),
        retry_wanted_at timestamptz,
        tried_at        timestamptz
      );
    `);
  }

  down(): Promise<void> {
    return Promise.reject(new Error('migrations go forward only: restore a backup to go back'));
  }
}
