import type { PoolClient } from 'pg';
import type { Placed } from '../moment';
import { placed, readable } from '../placing';
import type { AnyReadModel } from '../read-model';
import { shardOf } from '../shards';
import type { Version } from '../versions';
import { versionsOf } from '../versions';
import type { GenerationBook } from './books';
import { readBooks } from './books';
import type { CodeFinding } from './code-findings';
import { findingInWords, noteFinding } from './code-findings';
import { changedFields, textOf, without } from './content-text';
import type { DiffParts } from './diff';
import { eventsOfKey, eventsOfStreams } from './key-events';
import { newestEvents } from './newest-events';
import { inSnapshot } from './snapshot';
import type { KeyContent } from './stored-key';
import { answering, storedKey } from './stored-key';

/** How long the look at the code may take. */
export interface CodeCheckOptions {
  readonly signal?: AbortSignal;
  readonly milliseconds?: number;
}

const MILLISECONDS = 20_000;
const EXAMPLES = 3;

/**
 * Folds anew the keys of the newest event of each type and holds them against the tables: that finds what a change of
 * the code does, wherever it was made. Notes what it found, for `projections list` and health.
 * @returns what an operator should know, in words without any value of a row
 */
export async function checkCode(
  parts: DiffParts,
  { signal, milliseconds = MILLISECONDS }: CodeCheckOptions = {},
): Promise<readonly string[]> {
  const enough = AbortSignal.timeout(milliseconds);
  const stop = signal ? AbortSignal.any([signal, enough]) : enough;
  const notices: string[] = [];
  for (const model of parts.models) {
    if (stop.aborted) break;
    const newest = await newestEvents(parts.store, model.types, stop);
    const keys = new Map<string, string>();
    for (const event of newest) {
      const key = placed(model, readable(parts.registry, event))?.key;
      if (key !== undefined) keys.set(key, event.stream);
    }
    const books = await readBooks(parts.pool);
    for (const book of books.filter((each) => isOf(model, each))) {
      const finding = await checkKeys(parts, model, book.generation, keys, stop);
      if (finding.keys === 0) continue;
      await noteFinding(parts.pool, finding);
      if (finding.differing > 0) notices.push(findingInWords({ ...finding, model: model.name }));
    }
  }
  return notices;
}

const isOf = ({ name, version }: AnyReadModel, book: GenerationBook): boolean =>
  book.model === name && book.version === version && book.status === 'following';

type Finding = Omit<CodeFinding, 'model' | 'checkedAt'>;

async function checkKeys(
  parts: DiffParts,
  model: AnyReadModel,
  generation: string,
  keys: ReadonlyMap<string, string>,
  stop: AbortSignal,
): Promise<Finding> {
  let folded = 0;
  const differences = new Set<string>();
  const examples: string[] = [];
  let differing = 0;
  for (const [key, stream] of keys) {
    if (stop.aborted) break;
    const found = await inSnapshot(parts.pool, (client) =>
      differencesOf(parts, client, { model, generation }, key, stream),
    );
    if (found === undefined) continue;
    folded += 1;
    if (found.length === 0) continue;
    differing += 1;
    for (const difference of found) differences.add(difference);
    if (examples.length < EXAMPLES) examples.push(key);
  }
  return { generation, keys: folded, differing, differences: [...differences].sort(), examples };
}

/** In what a key that is folded anew differs from the tables; undefined for one that cannot be compared now. */
async function differencesOf(
  parts: DiffParts,
  client: PoolClient,
  tables: Placed,
  key: string,
  stream: string,
): Promise<readonly string[] | undefined> {
  const { model, generation } = tables;
  const book = (await readBooks(client)).find((each) => each.generation === generation);
  const own = book?.shards.find(({ shard }) => shard === shardOf(key, book.shards.length));
  const { rows } = await client.query('select from ops.parked_keys where generation = $1 and id = $2', [
    generation,
    key,
  ]);
  if (own === undefined || rows.length > 0) return undefined;
  const upTo = BigInt(own.position);
  const events = model.manyStreams
    ? await eventsOfKey(parts, client, tables, key, upTo)
    : await eventsOfStreams(parts, model, [stream], key, upTo);
  if (events.length === 0) return undefined;
  const stored = await storedKey(client, tables, key);
  try {
    return differencesIn(stored, contentOf(model, key, events));
  } catch {
    return ['an error where the tables have rows'];
  }
}

/** What the tables should hold of a key after its events. */
export function contentOf(
  model: AnyReadModel,
  key: string,
  events: Parameters<typeof versionsOf>[2],
): KeyContent {
  const { closed, current, movements } = versionsOf(model, key, events);
  const { row, validFrom, openedPos } = current ?? {};
  const now =
    row === undefined || validFrom === undefined || openedPos === undefined
      ? []
      : [{ row, validFrom, openedPos, validTo: null, closedPos: null, supersededPos: null }];
  return { versions: [...closed, ...now].map(bare), movements };
}

/** A version without what its fold noted for itself. */
const bare = ({ row, validFrom, validTo, openedPos, closedPos, supersededPos }: Version): Version => ({
  ...{ row, validFrom, validTo, openedPos, closedPos, supersededPos },
});

function differencesIn(stored: KeyContent, folded: KeyContent): readonly string[] {
  const rows = [stored, folded].map(({ versions }) => answering(versions, null)?.row ?? {});
  const fields = changedFields(rows[0] ?? {}, rows[1] ?? {});
  const earlier = fields.length === 0 && !isSame(stored.versions, folded.versions);
  return [
    ...fields,
    ...(earlier ? ['earlier rows'] : []),
    ...(isSame(stored.movements, folded.movements) ? [] : ['movements']),
  ];
}

const isSame = (left: readonly unknown[], right: readonly unknown[]): boolean =>
  left.length === right.length && without(left.map(textOf), right.map(textOf)).length === 0;
