import type { Instant } from '@guanxi/kernel';
import { millisecondsBetween } from '@guanxi/kernel';
import { readBooks } from './books';
import type { LookingParts } from './listing';
import { lagBehind } from './listing';

/** How far one generation is behind the log. */
export interface GenerationLag {
  readonly model: string;
  readonly generation: string;
  readonly serves: boolean;
  readonly status: string;
  readonly position: string;
  /** Events behind the head. */
  readonly events: string;
  /** Since when the first event that it lacks is waiting, in seconds; 0 when it lacks none. */
  readonly seconds: number;
  /** Events a second since the last look; absent at the first one. */
  readonly rate?: number;
  /** Seconds until it is at the head of now, at that rate; absent where it stands still. */
  readonly secondsLeft?: number;
  readonly parked: number;
}

/** How far all generations are behind the log, and its head. */
export interface Lag {
  readonly head: string;
  readonly generations: readonly GenerationLag[];
}

/** Looks how far every generation is, and remembers it for the next look. @param now the moment of the look */
export async function readLag({ pool, store }: LookingParts, now: Instant): Promise<Lag> {
  const books = await readBooks(pool);
  const { position: head } = await store.head();
  const rates = await noteLook(
    pool,
    books.map(({ generation, lowest }) => ({ generation, position: lowest })),
  );
  const waiting = new Map<bigint, number>();
  const generations: GenerationLag[] = [];
  for (const { model, generation, serves, status, lowest, parked } of books) {
    const seconds = waiting.get(lowest) ?? (await secondsWaiting(store, lowest, head, now));
    waiting.set(lowest, seconds);
    const events = lagBehind(head, lowest);
    const rate = rates.get(generation);
    generations.push({
      ...{
        model,
        generation,
        serves,
        status,
        position: String(lowest),
        events: String(events),
        seconds,
        parked,
      },
      ...(rate === undefined ? {} : { rate }),
      ...(rate !== undefined && rate > 0 ? { secondsLeft: Math.ceil(Number(events) / rate) } : {}),
    });
  }
  return { head: String(head), generations };
}

async function secondsWaiting(
  store: LookingParts['store'],
  after: bigint,
  head: bigint,
  now: Instant,
): Promise<number> {
  if (after >= head) return 0;
  for await (const [first] of store.readAll({ after, pageSize: 1 })) {
    if (first) return Math.max(0, millisecondsBetween(first.recordedAt, now) / 1_000);
  }
  return 0;
}

/** Notes positions by the database's clock. @returns events a second since the look before */
async function noteLook(
  pool: LookingParts['pool'],
  looks: readonly { readonly generation: string; readonly position: bigint }[],
): Promise<ReadonlyMap<string, number>> {
  const { rows } = await pool.query<{ generation: string; rate: number | null }>(
    `with looked as (
       select generation, position from unnest($1::text[], $2::bigint[]) as looked (generation, position)
     ), earlier as (
       select l.generation, l.position, l.looked_at from ops.projection_looks l join looked using (generation)
     ), noted as (
       insert into ops.projection_looks (generation, position, looked_at)
       select generation, position, clock_timestamp() from looked
       on conflict (generation) do update set position = excluded.position, looked_at = excluded.looked_at
       returning generation, position, looked_at
     )
     select n.generation,
            greatest(n.position - e.position, 0) / nullif(extract(epoch from n.looked_at - e.looked_at), 0)::float8 as rate
       from noted n left join earlier e using (generation)`,
    [looks.map(({ generation }) => generation), looks.map(({ position }) => String(position))],
  );
  return new Map(
    rows.flatMap(({ generation, rate }) => (rate === null ? [] : [[generation, rate] as const])),
  );
}
