import type { EventStore } from '@guanxi/event-store';
import type { Instant } from '@guanxi/kernel';
import type { Pool } from 'pg';
import { fingerprintOf } from '../fingerprint';
import type { AnyReadModel } from '../read-model';
import { tablesOf } from '../read-model';
import type { GenerationBook, ShardBook } from './books';
import { readBooks } from './books';
import type { CodeFinding } from './code-findings';
import { codeFindings } from './code-findings';

/** What looking at the read models needs. */
export interface LookingParts {
  readonly pool: Pool;
  readonly store: EventStore;
  readonly models: readonly AnyReadModel[];
}

/** How the code of now relates to that which made a generation's rows. */
export type CodeState = 'same' | 'changed' | 'differs' | 'other-version' | 'unknown';

/** One generation as `projections list` shows it. */
export interface ListedGeneration {
  readonly generation: string;
  readonly version: number;
  readonly status: string;
  readonly serves: boolean;
  readonly previous: boolean;
  readonly createdAt: Instant;
  /** Rows of now, and how many bytes all tables of it take with their indexes. */
  readonly rows: number;
  /** False where `rows` is the database's own estimate, because counting would take long. */
  readonly counted: boolean;
  readonly bytes: number;
  readonly position: string;
  readonly lag: string;
  readonly parked: number;
  readonly code: CodeState;
  /** What was found when keys were folded anew; only where that differed. */
  readonly finding?: CodeFinding;
  readonly shards: readonly ShardBook[];
}

/** A read model with its generations. */
export interface ListedModel {
  readonly model: string;
  /** Version of the code; absent for one that this code does not know any more. */
  readonly version?: number;
  readonly generations: readonly ListedGeneration[];
}

/** All read models, those of the code first, with their generations. */
export async function listReadModels({ pool, store, models }: LookingParts): Promise<readonly ListedModel[]> {
  const books = await readBooks(pool);
  const findings = await codeFindings(pool);
  const { position: head } = await store.head();
  const listed: ListedModel[] = [];
  const names = new Set([...models.map(({ name }) => name).sort(), ...books.map(({ model }) => model)]);
  for (const name of names) {
    const model = models.find((each) => each.name === name);
    const generations: ListedGeneration[] = [];
    for (const book of books.filter((each) => each.model === name)) {
      const finding = findings.find(({ generation }) => generation === book.generation);
      generations.push({
        ...shown(book, head),
        ...(await sizeOf(pool, book.generation)),
        ...codeOf(model, book, finding),
      });
    }
    listed.push({ model: name, ...(model ? { version: model.version } : {}), generations });
  }
  return listed;
}

const shown = (
  { generation, version, status, serves, previous, createdAt, lowest, parked, shards }: GenerationBook,
  head: bigint,
): Omit<ListedGeneration, 'rows' | 'counted' | 'bytes' | 'code'> => ({
  ...{ generation, version, status, serves, previous, createdAt, parked, shards },
  position: String(lowest),
  lag: String(lagBehind(head, lowest)),
});

/** How far a position is behind the head; never less than none, as the head may have been read before. */
export const lagBehind = (head: bigint, position: bigint): bigint => (head > position ? head - position : 0n);

function codeOf(
  model: AnyReadModel | undefined,
  { version, fingerprint }: GenerationBook,
  finding: CodeFinding | undefined,
): Pick<ListedGeneration, 'code' | 'finding'> {
  if (model?.version !== version) return { code: 'other-version' };
  if (finding && finding.differing > 0) return { code: 'differs', finding };
  if (fingerprint === null) return { code: 'unknown' };
  return { code: fingerprint === fingerprintOf(model) ? 'same' : 'changed' };
}

/** Above so many rows by the database's estimate they are not counted. */
const COUNTED_ROWS = 200_000;

async function sizeOf(
  pool: Pool,
  generation: string,
): Promise<Pick<ListedGeneration, 'rows' | 'counted' | 'bytes'>> {
  const { current, ...others } = tablesOf(generation);
  const { rows } = await pool.query<{ bytes: string; estimate: string | null }>(
    `select coalesce(sum(pg_total_relation_size(c.oid)), 0)::text as bytes,
            max(c.reltuples) filter (where c.oid = to_regclass($1))::bigint::text as estimate
       from pg_class c where c.oid in (select to_regclass(t) from unnest($2::text[]) as t)`,
    [current, [current, ...Object.values(others)]],
  );
  const [size] = rows;
  const bytes = Number(size?.bytes ?? 0);
  const estimate = size?.estimate ?? null;
  if (estimate === null) return { rows: 0, counted: true, bytes };
  if (Number(estimate) > COUNTED_ROWS) return { rows: Number(estimate), counted: false, bytes };
  const counted = await pool.query<{ rows: string }>(`select count(*)::text as rows from ${current}`);
  return { rows: Number(counted.rows[0]?.rows ?? 0), counted: true, bytes };
}
