import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import { tablesOf } from '../read-model';
import type { PartRows } from './part-rows';

const CHUNK_BYTES = 256 * 1024;

/** Writes gathered rows into a generation's tables. @throws what the database says; its transaction is void then */
export async function copyInto(client: PoolClient, generation: string, rows: PartRows): Promise<void> {
  for (const [table, gathered] of rows.byTable(tablesOf(generation))) {
    const into = client.query(copyFrom(`copy ${table} (${gathered.names}) from stdin (format binary)`));
    await pipeline(chunksOf(gathered.whole()), into);
  }
}

/** Pieces between which other work of this process has its turn. */
function* chunksOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
