import { pipeline } from 'node:stream/promises';
import type { PoolClient } from 'pg';
import { from as copyFrom } from 'pg-copy-streams';
import type { TableRows } from './part-rows';

const CHUNK_BYTES = 256 * 1024;

/** Writes gathered rows into their tables. @throws what the database says; its transaction is void then */
export async function copyInto(client: PoolClient, tables: readonly TableRows[]): Promise<void> {
  for (const { table, names, bytes } of tables) {
    const into = client.query(copyFrom(`copy ${table} (${names}) from stdin (format binary)`));
    await pipeline(chunksOf(bytes), into);
  }
}

/** Pieces between which other work of this process has its turn. */
function* chunksOf(bytes: Buffer): Iterable<Buffer> {
  for (let at = 0; at < bytes.length; at += CHUNK_BYTES) yield bytes.subarray(at, at + CHUNK_BYTES);
}
