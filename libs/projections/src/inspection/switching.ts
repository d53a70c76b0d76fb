import { setTimeout as pause } from 'node:timers/promises';
import { conflict } from '@guanxi/kernel';
import type { PoolClient } from 'pg';
import { dropTables } from '../ddl';
import { inTransaction, lockGenerations, missingColumn } from '../generations';
import type { AnyReadModel, Columns } from '../read-model';
import { refreshAnalysis } from './analysis';
import type { GenerationBook } from './books';
import { readBooks } from './books';
import { generationNamed, modelNamed, newestOther, servingGeneration } from './known-models';
import type { LookingParts } from './listing';
import { lagBehind } from './listing';

/** Which generation is to answer. */
export interface SwitchOptions {
  /** The newest one that does not answer, where left out. */
  readonly generation?: string;
  /** True: back to the one that answered before the last switch. */
  readonly back?: boolean;
  /** True: also when it has not caught up. */
  readonly behind?: boolean;
  /** How long it may take to come to where the log ended at the beginning. */
  readonly patienceMilliseconds?: number;
}

/** What a switch did. */
export interface Switched {
  readonly model: string;
  readonly from: string;
  readonly to: string;
  readonly position: string;
  /** Events that the new one was behind the end of the log. */
  readonly lag: string;
  /** Keys that are set aside in the new one: it does not answer rightly for them. */
  readonly parked: number;
}

const PATIENCE_MILLISECONDS = 5_000;
const LOOK_AGAIN_MILLISECONDS = 50;

/**
 * Lets another generation of a read model answer, in one transaction: whoever asks gets the one or the other.
 * @throws DomainError `projection.unknown`, `projection.generation-unknown`, `projection.only-one`,
 * `projection.no-previous`, `projection.same-generation`, `projection.building`, `projection.behind`,
 * `projection.lacks-column`, `analysis.in-use`
 */
export async function switchServing(
  parts: LookingParts,
  name: string,
  options: SwitchOptions = {},
): Promise<Switched> {
  const model = modelNamed(parts.models, name);
  const { position: head } = await parts.store.head();
  if (!options.behind) await untilCaughtUp(parts, name, options, head);
  return inTransaction(parts.pool, async (client) => {
    await lockGenerations(client);
    const books = await readBooks(client);
    const from = servingGeneration(books, name);
    const to = target(books, name, options);
    refuseLagging(to, head, options);
    await refuseLacking(client, model, to);
    await client.query(
      'update ops.serving set generation = $2, previous = generation, switched_at = now() where model = $1',
      [name, to.generation],
    );
    await refreshAnalysis(client, [model]);
    return {
      ...{ model: name, from: from.generation, to: to.generation, position: String(to.lowest) },
      ...{ lag: String(lagBehind(head, to.lowest)), parked: to.parked },
    };
  });
}

async function untilCaughtUp(
  { pool }: LookingParts,
  name: string,
  options: SwitchOptions,
  head: bigint,
): Promise<void> {
  const deadline = performance.now() + (options.patienceMilliseconds ?? PATIENCE_MILLISECONDS);
  for (;;) {
    const { lowest } = target(await readBooks(pool), name, options);
    if (lowest >= head || performance.now() >= deadline) return;
    await pause(LOOK_AGAIN_MILLISECONDS);
  }
}

/** The generation that is to answer. */
function target(
  books: readonly GenerationBook[],
  name: string,
  { generation, back }: SwitchOptions,
): GenerationBook {
  const serving = servingGeneration(books, name);
  const to = back
    ? previous(books, name)
    : generation === undefined
      ? newestOther(books, name)
      : generationNamed(books, name, generation);
  if (to.generation === serving.generation) {
    throw conflict('projection.same-generation', `${to.generation} is the one that answers already`);
  }
  if (to.status !== 'following') {
    throw conflict(
      'projection.building',
      `${to.generation} is still being built: switch when "guanxi projections list" says that it follows the log`,
      { generation: to.generation },
    );
  }
  return to;
}

function previous(books: readonly GenerationBook[], name: string): GenerationBook {
  const found = books.find((book) => book.model === name && book.previous);
  if (found) return found;
  throw conflict(
    'projection.no-previous',
    `there is nothing to go back to: ${name} was never switched, or the generation of before was dropped`,
    { model: name },
  );
}

function refuseLagging(
  { generation, lowest }: GenerationBook,
  head: bigint,
  { behind }: SwitchOptions,
): void {
  const lag = lagBehind(head, lowest);
  if (lag === 0n || behind) return;
  throw conflict(
    'projection.behind',
    `${generation} has not caught up: it is at position ${lowest}, ${lag} events behind the end of the log. Wait until ` +
      '"guanxi projections lag" says 0 (a worker that knows its version must run), or accept it with --behind',
    { generation, lag: String(lag) },
  );
}

/** Queries of the code would fail on tables without their columns. */
async function refuseLacking(client: PoolClient, model: AnyReadModel, to: GenerationBook): Promise<void> {
  const { rows } = await client.query<{ columns: Columns<object> | null }>(
    'select columns from ops.generations where generation = $1',
    [to.generation],
  );
  const lacks = missingColumn(rows[0]?.columns ?? null, model);
  if (lacks === undefined) return;
  throw conflict(
    'projection.lacks-column',
    `${to.generation} was made by version ${to.version} of ${model.name} and has no column ${lacks}, which the code of now ` +
      `(version ${model.version}) asks for: nothing could be answered. Use the guanxi of that version`,
    { generation: to.generation, column: lacks },
  );
}

/**
 * Takes a generation that does not answer away, with its tables.
 * @throws DomainError `projection.unknown`, `projection.generation-unknown`, `projection.serves`, `projection.building`
 */
export async function dropGeneration(parts: LookingParts, name: string, generation: string): Promise<void> {
  modelNamed(parts.models, name);
  await inTransaction(parts.pool, async (client) => {
    await lockGenerations(client);
    const book = generationNamed(await readBooks(client), name, generation);
    if (book.serves) {
      throw conflict(
        'projection.serves',
        `${generation} is the one that answers: switch to another one before it is dropped`,
        { generation },
      );
    }
    if (book.status !== 'following') {
      throw conflict(
        'projection.building',
        `${generation} is being built: cancel that with "guanxi projections rebuild ${name} --cancel"`,
        { generation },
      );
    }
    await client.query('delete from ops.parked_keys where generation = $1', [generation]);
    await client.query('delete from ops.generations where generation = $1', [generation]);
    await client.query(dropTables(generation));
  });
}
