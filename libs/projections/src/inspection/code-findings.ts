import type { Instant } from '@guanxi/kernel';
import type { Pool, PoolClient } from 'pg';
import { readTypes } from '../row-codec';

/** What was found when some keys of a generation were folded anew by the code of now. */
export interface CodeFinding {
  readonly generation: string;
  readonly model: string;
  readonly checkedAt: Instant;
  /** Keys that were folded. */
  readonly keys: number;
  /** Keys whose rows are others than those in the tables. */
  readonly differing: number;
  /** Fields in which they differ, and `earlier rows`, `movements` where these do. */
  readonly differences: readonly string[];
  /** Some of the keys that differ. */
  readonly examples: readonly string[];
}

/** The findings of the last look at each generation. */
export async function codeFindings(client: Pick<Pool, 'query'>): Promise<readonly CodeFinding[]> {
  const { rows } = await client.query<CodeFinding>({
    text: `select f.generation, g.model, f.checked_at as "checkedAt", f.keys, f.differing, f.differences,
                  f.examples::text[] as examples
             from ops.code_findings f join ops.generations g on g.generation = f.generation
            order by g.model, f.generation`,
    types: readTypes,
  });
  return rows;
}

/** Keeps a finding in the place of the one before. */
export async function noteFinding(
  client: Pick<Pool, 'query'> | PoolClient,
  { generation, keys, differing, differences, examples }: Omit<CodeFinding, 'model' | 'checkedAt'>,
): Promise<void> {
  await client.query(
    `insert into ops.code_findings (generation, keys, differing, differences, examples)
     select generation, $2, $3, $4, $5 from ops.generations where generation = $1
     on conflict (generation) do update
       set checked_at = now(), keys = excluded.keys, differing = excluded.differing,
           differences = excluded.differences, examples = excluded.examples`,
    [generation, keys, differing, differences, examples],
  );
}

/** What an operator should know about generations whose rows the code of now would not make; for logs and health. */
export async function codeNotices(client: Pick<Pool, 'query'>): Promise<readonly string[]> {
  return (await codeFindings(client)).filter(({ differing }) => differing > 0).map(findingInWords);
}

/** A finding in words, without any value of a row. */
export const findingInWords = ({
  model,
  generation,
  keys,
  differing,
  differences,
  examples,
}: Omit<CodeFinding, 'checkedAt'>): string =>
  `the code of ${model} makes other rows than those in ${generation}: of ${keys} keys folded anew ${differing} differ, in ` +
  `${differences.join(', ')} (such as ${examples.join(', ')}). Raise its version, or build it anew with ` +
  `"guanxi projections rebuild ${model}"`;
