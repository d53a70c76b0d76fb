import type { RecordedEvent } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import { inTransaction } from '../generations';
import { isRefusedByDatabase } from '../model-projector';
import type { Halt } from '../parked-keys';
import { ParkedKeys } from '../parked-keys';
import type { AnyReadModel } from '../read-model';
import { copyInto } from './copy-into';
import type { PartEvents } from './part-events';
import type { FoldedPart } from './part-fold';
import { addNotes, rowsOf } from './part-fold';
import { PartRows } from './part-rows';
import { partDone } from './rebuild-books';

type Keys = readonly (readonly [string, readonly RecordedEvent[]])[];

/** Writes parts, each in one transaction with the note that it is done. */
export class PartWriter {
  private readonly parked = new ParkedKeys();

  constructor(
    private readonly pool: Pool,
    private readonly model: AnyReadModel,
    private readonly generation: string,
  ) {}

  /** Writes a part's rows. @returns false when the database refuses a row; nothing is written then */
  async write(part: number, { tables, halts, events }: FoldedPart): Promise<boolean> {
    try {
      await inTransaction(this.pool, async (client) => {
        await copyInto(client, tables);
        await this.park(client, halts);
        await partDone(client, this.generation, part, events);
      });
      return true;
    } catch (error) {
      if (!isRefusedByDatabase(error)) throw error;
      return false;
    }
  }

  /** Writes a part in which rows are refused: their keys are found, written as far as that goes, and parked. */
  async writeCarefully(part: number, { byKey, notes, events }: PartEvents): Promise<void> {
    await inTransaction(this.pool, async (client) => {
      await this.put(client, [...byKey]);
      const noted = new PartRows(this.model);
      addNotes(noted, notes);
      await copyInto(client, noted.tables(this.generation));
      await partDone(client, this.generation, part, events);
    });
  }

  /** Halves what is refused until it is one key. */
  private async put(client: PoolClient, keys: Keys): Promise<void> {
    const refused = await this.refusalOf(client, keys);
    if (refused === undefined) return;
    const [only] = keys;
    if (keys.length === 1 && only) {
      await this.putPrefix(client, only, refused);
      return;
    }
    const middle = keys.length >> 1;
    await this.put(client, keys.slice(0, middle));
    await this.put(client, keys.slice(middle));
  }

  /** Writes a key as it was before the first event after which it is refused, and parks it there. */
  private async putPrefix(client: PoolClient, [key, events]: Keys[number], error: unknown): Promise<void> {
    let [good, bad, refused] = [0, events.length, error];
    while (bad - good > 1) {
      const middle = (good + bad) >> 1;
      const refusal = await this.refusalOf(client, [[key, events.slice(0, middle)]], true);
      if (refusal === undefined) good = middle;
      else [bad, refused] = [middle, refusal];
    }
    const event = events[good];
    await this.refusalOf(client, [[key, events.slice(0, good)]]);
    if (event)
      await this.park(client, new Map([[key, { event, error: refused, waiting: events.length - bad }]]));
  }

  /** Writes keys. @returns why the database, or the form of its rows, refuses them; nothing is written then */
  private async refusalOf(client: PoolClient, keys: Keys, isTrial = false): Promise<unknown> {
    await client.query('savepoint careful');
    let refusal: unknown;
    try {
      const { tables, halts } = rowsOf(this.model, this.generation, keys);
      await copyInto(client, tables);
      if (!isTrial) await this.park(client, halts);
    } catch (error) {
      if (!isRefusedByDatabase(error)) throw error;
      refusal = error;
    }
    if (refusal !== undefined || isTrial) await client.query('rollback to savepoint careful');
    await client.query('release savepoint careful');
    return refusal;
  }

  private async park(client: PoolClient, halts: ReadonlyMap<string, Halt>): Promise<void> {
    for (const [key, halt] of halts) await this.parked.park(client, this.generation, key, halt);
  }
}
