import { notFound } from '@guanxi/kernel';
import type { AnyReadModel, Snapshot } from '@guanxi/projections';
import { selectList } from '@guanxi/projections';

/**
 * The one row with this id, as it stood at the moment asked for.
 * @param kind what the row is, in the singular: the error's code is `<kind>.unknown`
 * @throws DomainError `<kind>.unknown` when there was none at that moment
 */
export async function one(
  snapshot: Snapshot,
  model: AnyReadModel,
  id: string,
  kind: string,
): Promise<object> {
  const [row] = await snapshot.rows<object>(
    `select t.id, ${selectList(model.columns, 't.')} from ${snapshot.of(model)} t where t.id = $1`,
    [id],
  );
  if (!row) throw notFound(`${kind}.unknown`, `there is no such ${kind.replace('-', ' ')} at this moment`);
  return row;
}
