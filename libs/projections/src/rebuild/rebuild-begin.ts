import type { Pool, PoolClient } from 'pg';
import { fingerprintOf } from '../fingerprint';
import type { Generation } from '../generations';
import { addGeneration, generationsOf, inTransaction, lockGenerations } from '../generations';
import type { AnyReadModel } from '../read-model';
import { firstGeneration } from '../read-model';
import type { RebuildEntry } from './rebuild-books';
import { beginEntry, noteState, rebuildEntries } from './rebuild-books';
import { dropGeneration, makeBareTables } from './rebuild-tables';

/** Events in a part, so that its rows fit easily into memory. */
const PART_EVENTS = 16_384;
const MOST_PARTS = 1_024n;

/** A rebuild that is to be carried out. */
export interface Begun {
  readonly entry: RebuildEntry;
  /** True when it goes on where an earlier run ended. */
  readonly resumed: boolean;
  /** What an operator should know, in words. */
  readonly notices: readonly string[];
}

/** Goes on with the rebuild of a read model that was not finished, or begins one up to a position. */
export async function beginRebuild(
  pool: Pool,
  model: AnyReadModel,
  upTo: bigint,
  partEvents = PART_EVENTS,
): Promise<Begun> {
  return inTransaction(pool, async (client) => {
    await lockGenerations(client);
    const known = (await generationsOf(client)).filter((each) => each.model === model.name);
    const open = await openEntry(client, model.name, known);
    const fingerprint = fingerprintOf(model);
    if (open?.fingerprint === fingerprint && open.version === model.version) {
      await noteState(client, open.generation, 'running');
      return { entry: open, resumed: true, notices: [] };
    }
    const notices = open
      ? [
          `the code of ${model.name} has changed since the rebuild of ${open.generation} began: it begins anew`,
        ]
      : [];
    if (open) await noteState(client, open.generation, 'cancelled');
    for (const { generation, status } of await replaceable(client, model, known)) {
      await dropGeneration(client, generation);
      notices.push(
        `dropped ${generation}, ${status === 'building' ? 'which was not finished' : 'which did not serve'}`,
      );
    }
    const generation = await nextName(client, model);
    await addGeneration(client, model, generation, 'building');
    await client.query('update ops.generations set columns = $2, fingerprint = $3 where generation = $1', [
      generation,
      JSON.stringify(model.columns),
      fingerprint,
    ]);
    await makeBareTables(client, model, generation);
    const parts = Number(clamped(upTo / BigInt(partEvents) + 1n, MOST_PARTS));
    const { name, version } = model;
    await beginEntry(client, { generation, model: name, version, fingerprint, upTo: String(upTo), parts });
    const entry = (await rebuildEntries(client, name)).find((each) => each.generation === generation);
    if (!entry) throw new Error(`the rebuild of ${generation} was not noted`);
    return { entry, resumed: false, notices };
  });
}

/** The rebuild of a read model that was begun and not ended, if there is one. */
export async function openRebuild(
  client: Pool | PoolClient,
  model: string,
): Promise<RebuildEntry | undefined> {
  const known = (await generationsOf(client)).filter((each) => each.model === model);
  return openEntry(client, model, known);
}

async function openEntry(
  client: Pool | PoolClient,
  model: string,
  known: readonly Generation[],
): Promise<RebuildEntry | undefined> {
  const entries = await rebuildEntries(client, model);
  return entries.find(
    ({ generation, state }) =>
      state !== 'done' &&
      state !== 'cancelled' &&
      known.some((each) => each.generation === generation && !each.serves),
  );
}

/** Generations in whose place the new one comes: those of its version, and halves, of which nobody has use. */
async function replaceable(
  client: PoolClient,
  { version }: AnyReadModel,
  known: readonly Generation[],
): Promise<readonly Generation[]> {
  const { rows } = await client.query<{ previous: string | null }>('select previous from ops.serving');
  const previous = new Set(rows.map((row) => row.previous));
  return known.filter(
    (each) =>
      !each.serves &&
      !previous.has(each.generation) &&
      (each.version === version || each.status === 'building'),
  );
}

/** Names are not used twice: sessions may remember statements on the tables of an earlier one. */
async function nextName(client: PoolClient, model: AnyReadModel): Promise<string> {
  const first = firstGeneration(model);
  const { rows } = await client.query<{ last: number }>(
    `select coalesce(max(substring(generation from '_g(\\d+)$')::integer), 1) as last
       from (select generation from ops.generations union all select generation from ops.rebuilds) as all_known
      where left(generation, length($1) + 2) = $1 || '_g'`,
    [first],
  );
  return `${first}_g${(rows[0]?.last ?? 1) + 1}`;
}

const clamped = (value: bigint, most: bigint): bigint => (value > most ? most : value);
