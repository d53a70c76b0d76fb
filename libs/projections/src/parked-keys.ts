import type { RecordedEvent } from '@guanxi/kernel';
import type { PoolClient } from 'pg';

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

  async park(
    client: PoolClient,
    generation: string,
    id: string,
    event: RecordedEvent,
    error: unknown,
  ): Promise<void> {
    this.of(generation).add(id);
    await client.query(
      `insert into ops.parked_keys (generation, id, stream, position, error) values ($1, $2, $3, $4, $5)
       on conflict (generation, id) do nothing`,
      [
        generation,
        id,
        event.stream,
        String(event.position),
        error instanceof Error ? error.message : String(error),
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
