import type { RecordedEvent } from '@guanxi/kernel';
import type { PoolClient } from 'pg';

/** The event at which a fold came to a halt, and why. */
export interface Halt {
  readonly event: RecordedEvent;
  readonly error: unknown;
  /** Events of the key that come after it. */
  readonly waiting: number;
}

const LONGEST_STACK = 8_000;

/** Keys that wait: a poisonous event stops its own key and no other. */
export class ParkedKeys {
  private readonly parked = new Map<string, Set<string>>();

  /** Reads what is parked; called before the first batch. */
  async load(client: PoolClient): Promise<void> {
    this.parked.clear();
    const { rows } = await client.query<{ generation: string; id: string }>(
      'select generation, id from ops.parked_keys',
    );
    for (const { generation, id } of rows) this.of(generation).add(id);
  }

  has(generation: string, id: string): boolean {
    return this.parked.get(generation)?.has(id) ?? false;
  }

  /** Sets a key aside at an event; one that is set aside already is noted to have been tried once more. */
  async park(
    client: PoolClient,
    generation: string,
    id: string,
    { event, error, waiting }: Halt,
  ): Promise<void> {
    this.of(generation).add(id);
    await client.query(
      `insert into ops.parked_keys as p
         (generation, id, stream, position, event_id, event_type, waiting, error, stack)
       values ($1, $2, $3, $4, $5, $6, $7, $8, $9)
       on conflict (generation, id) do update
         set stream = excluded.stream, position = excluded.position, event_id = excluded.event_id,
             event_type = excluded.event_type, waiting = excluded.waiting, error = excluded.error,
             stack = excluded.stack, attempts = p.attempts + 1, tried_at = now()`,
      [
        ...[generation, id, event.stream, String(event.position), event.id, event.type, String(waiting)],
        storable(error instanceof Error ? error.message : String(error)),
        error instanceof Error && error.stack !== undefined
          ? storable(error.stack.slice(0, LONGEST_STACK))
          : null,
      ],
    );
  }

  /** Counts events that wait behind a parked key. @returns false when it was taken back among the living meanwhile */
  async countWaiting(client: PoolClient, generation: string, id: string, events: number): Promise<boolean> {
    const { rowCount } = await client.query(
      'update ops.parked_keys set waiting = waiting + $3 where generation = $1 and id = $2',
      [generation, id, events],
    );
    if (rowCount === 0) this.parked.get(generation)?.delete(id);
    return rowCount !== 0;
  }

  async release(client: PoolClient, generation: string, id: string): Promise<void> {
    this.parked.get(generation)?.delete(id);
    await client.query('delete from ops.parked_keys where generation = $1 and id = $2', [generation, id]);
  }

  private of(generation: string): Set<string> {
    const ids = this.parked.get(generation) ?? new Set<string>();
    this.parked.set(generation, ids);
    return ids;
  }
}

/** PostgreSQL has no place for the character 0, which an error may quote. */
export const storable = (text: string): string => text.replaceAll('\u0000', '\\u0000');
