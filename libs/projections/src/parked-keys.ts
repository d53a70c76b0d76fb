import type { RecordedEvent } from '@guanxi/kernel';
import type { PoolClient } from 'pg';

/** Keys that wait: a poisonous event stops its own key and no other. */
export class ParkedKeys {
  private readonly parked = new Map<string, Set<string>>();

  /** Reads what is parked; called once, before the first batch. */
  async load(client: PoolClient): Promise<void> {
    this.parked.clear();
    const { rows } = await client.query<{ model: string; id: string }>(
      'select model, id from ops.parked_keys',
    );
    for (const { model, id } of rows) this.of(model).add(id);
  }

  has(model: string, id: string): boolean {
    return this.parked.get(model)?.has(id) ?? false;
  }

  async park(
    client: PoolClient,
    model: string,
    id: string,
    event: RecordedEvent,
    error: unknown,
  ): Promise<void> {
    this.of(model).add(id);
    await client.query(
      `insert into ops.parked_keys (model, id, stream, position, error) values ($1, $2, $3, $4, $5)
       on conflict (model, id) do nothing`,
      [
        model,
        id,
        event.stream,
        String(event.position),
        error instanceof Error ? error.message : String(error),
      ],
    );
  }

  async countWaiting(client: PoolClient, model: string, id: string, events: number): Promise<void> {
    await client.query('update ops.parked_keys set waiting = waiting + $3 where model = $1 and id = $2', [
      model,
      id,
      events,
    ]);
  }

  async release(client: PoolClient, model: string, id: string): Promise<void> {
    this.parked.get(model)?.delete(id);
    await client.query('delete from ops.parked_keys where model = $1 and id = $2', [model, id]);
  }

  private of(model: string): Set<string> {
    const ids = this.parked.get(model) ?? new Set<string>();
    this.parked.set(model, ids);
    return ids;
  }
}
