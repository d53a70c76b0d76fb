import type { Pool } from 'pg';
import { fingerprintOf } from './fingerprint';
import { codeNotices } from './inspection/code-findings';
import type { BookEntry } from './lease-faults';
import { faultsOf } from './lease-faults';
import type { AnyReadModel } from './read-model';

interface AnsweringRow {
  readonly model: string;
  readonly generation: string;
  readonly version: number;
  readonly fingerprint: string | null;
}

/**
 * What an operator should know about read models, each with what to do: checkpoints were changed by hand, so that
 * nothing is folded; or tables were made by other code than this program's: another version answers, the code looks
 * otherwise, or keys that were folded anew gave other rows.
 */
export async function readModelNotices(
  client: Pick<Pool, 'query'>,
  models: readonly AnyReadModel[],
): Promise<readonly string[]> {
  const { rows } = await client.query<AnsweringRow>(
    `select g.model, g.generation, g.version, g.fingerprint
       from ops.serving s join ops.generations g on g.generation = s.generation order by g.model`,
  );
  const notices = rows.flatMap((row) => {
    const model = models.find(({ name }) => name === row.model);
    return model ? noticesOf(model, row) : [];
  });
  return [...(await checkpointNotices(client)), ...notices, ...(await codeNotices(client))];
}

async function checkpointNotices(client: Pick<Pool, 'query'>): Promise<readonly string[]> {
  const { rows } = await client.query<BookEntry>(
    `select g.generation, g.model, c.shard, c.shards, c.position::text as position, c.moved_to::text as moved_to
       from ops.generations g left join ops.checkpoints c on c.generation = g.generation
      where g.status = 'following' order by g.generation, c.shard`,
  );
  return [...faultsOf(rows).values()];
}

function noticesOf(
  model: AnyReadModel,
  { generation, version, fingerprint }: AnsweringRow,
): readonly string[] {
  const { name } = model;
  if (version !== model.version) {
    return [
      `${name} is answered by ${generation}, this program has version ${model.version}: look with ` +
        `"guanxi projections diff ${name}", then "guanxi projections switch ${name}"`,
    ];
  }
  if (fingerprint === null || fingerprint === fingerprintOf(model)) return [];
  return [
    `the code of ${name} has changed since ${generation} was made, its version has not: rows made before and after may ` +
      `differ. Raise its version, or build it anew with "guanxi projections rebuild ${name}"`,
  ];
}
