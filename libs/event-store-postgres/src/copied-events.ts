import type { RawEvents, RawRange } from '@guanxi/event-store';
import type { Pool } from 'pg';
import { escapeLiteral } from 'pg';
import { to as copyTo } from 'pg-copy-streams';

const COLUMNS = 'position, revision, occurred_at, recorded_at, id, type, stream, data';
const CHUNK_BYTES = 1024 * 1024;
/** Positions of one statement: none lasts so long that others would have to keep old rows for it. */
const STEP = 100_000n;

/** The log of a PostgreSQL store in bulk, by COPY. */
export class CopiedEvents implements RawEvents {
  /** @param pool connections to the database that holds schema `es` */
  constructor(private readonly pool: Pool) {}

  async *copy({ after, upTo, types }: RawRange): AsyncIterable<Buffer> {
    for (let from = after; from < upTo; from += STEP) {
      yield* this.step(from, from + STEP < upTo ? from + STEP : upTo, types);
    }
  }

  private async *step(after: bigint, upTo: bigint, types: RawRange['types']): AsyncIterable<Buffer> {
    const client = await this.pool.connect();
    let whole = false;
    try {
      // COPY takes no parameters.
      const ofTypes =
        types === undefined ? '' : `and type = any (array[${types.map(escapeLiteral).join()}]::text[])`;
      const stream = client.query(
        copyTo(
          `copy (select ${COLUMNS} from es.events where position > ${after} and position <= ${upTo} ${ofTypes})
             to stdout (format binary)`,
          { highWaterMark: CHUNK_BYTES },
        ),
      );
      for await (const chunk of stream) if (Buffer.isBuffer(chunk)) yield chunk;
      whole = true;
    } finally {
      // A COPY that was broken off goes on in its connection: that one is of no more use.
      client.release(!whole);
    }
  }
}
