/** Whether the tables of the read models are what a fresh fold of the log makes of it. */
import {
  EventRegistry,
  NEVER,
  PostgresEventStore,
  columnOf,
  contexts,
  createPool,
  firstGeneration,
  readTypes,
  tablesOf,
  versionsOf,
} from './projections-product.mjs';

const SHOWN = 3;
const TIMESTAMPTZ = 1184;

/** Reads rows as read models know them, and the end of what has none as it stands there. */
const types = {
  getTypeParser: (oid, format) => {
    const parse = readTypes.getTypeParser(oid, format);
    return oid === TIMESTAMPTZ ? (text) => (text === 'infinity' ? text : parse(text)) : parse;
  },
};

/**
 * Folds the whole log anew, key by key, and compares each row and column of each read model's tables with it.
 * @param {string} url of the database
 * @returns {Promise<{events: number, rows: number, parked: number, words: string[]}>} words: what is not right
 */
export async function checkFold(url) {
  const pool = createPool({ url, name: 'chaos-check' });
  const store = new PostgresEventStore(pool);
  try {
    const registry = new EventRegistry(contexts.flatMap(({ events }) => events));
    const events = [];
    for await (const page of store.readAll({ after: 0n }))
      events.push(...page.map((event) => registry.newest(event)));
    const words = [];
    let rows = 0;
    for (const model of contexts.flatMap(({ readModels }) => readModels)) {
      const expected = expectedOf(model, events);
      const tables = tablesOf(firstGeneration(model));
      for (const [table, wanted] of Object.entries(expected)) {
        const found = await pool.query({ text: `select * from ${tables[table]}`, types });
        rows += found.rows.length;
        words.push(...differences(tables[table], wanted, found.rows));
      }
    }
    const parked = await pool.query('select count(*)::integer as keys from ops.parked_keys');
    return { events: events.length, rows, parked: parked.rows[0].keys, words };
  } finally {
    await store.close();
    await pool.end();
  }
}

/** The rows that a model's tables should hold, with their columns' names. */
function expectedOf(model, events) {
  const types = new Set(model.types);
  const byKey = new Map();
  const streams = new Map();
  for (const event of events) {
    const isRead = types.has(event.type);
    if (!isRead && model.manyStreams !== 'of-every-type') continue;
    const id = model.keyOf(event);
    if (id === undefined) continue;
    const { stream, position } = event;
    const name = `${id} ${stream}`;
    if (!streams.has(name)) streams.set(name, { id, stream, noted_pos: Number(position) });
    if (!isRead) continue;
    const own = byKey.get(id);
    if (own) own.push(event);
    else byKey.set(id, [event]);
  }
  const rows = { current: [], history: [], movements: [] };
  for (const [id, own] of byKey) {
    const { current, closed, movements, lastAt } = versionsOf(model, id, own);
    if (current)
      rows.current.push({
        ...{ id, ...named(current.row) },
        ...{ valid_from: current.validFrom, opened_pos: Number(current.openedPos), last_at: lastAt },
      });
    for (const version of closed)
      rows.history.push({
        ...{ id, ...named(version.row), valid_from: version.validFrom },
        ...{ valid_to: version.validTo ?? 'infinity', opened_pos: Number(version.openedPos) },
        ...{ closed_pos: orNever(version.closedPos), superseded_pos: orNever(version.supersededPos) },
      });
    for (const { movement, effectiveAt, knownPos, supersededPos } of movements)
      rows.movements.push({
        ...{ id, ...named(movement), effective_at: effectiveAt },
        ...{ known_pos: Number(knownPos), superseded_pos: orNever(supersededPos) },
      });
  }
  const { movements, ...others } = rows;
  return {
    ...others,
    ...(model.movements ? { movements } : {}),
    ...(model.manyStreams ? { streams: [...streams.values()] } : {}),
  };
}

const named = (row) =>
  Object.fromEntries(Object.entries(row).map(([field, value]) => [columnOf(field), value]));

const orNever = (position) => Number(position ?? NEVER);

/** Rows that only one side has, each as many times as it has it more often. */
function differences(table, wanted, found) {
  const counts = new Map();
  const count = (rows, by) => {
    for (const row of rows) {
      const text = textOf(row);
      counts.set(text, (counts.get(text) ?? 0) + by);
    }
  };
  count(wanted, 1);
  count(found, -1);
  const missing = [...counts].filter(([, more]) => more > 0);
  const strange = [...counts].filter(([, more]) => more < 0);
  if (missing.length + strange.length === 0) return [];
  const some = (rows) =>
    rows
      .slice(0, SHOWN)
      .map(([text, more]) => `\n    ${Math.abs(more)} x ${text}`)
      .join('');
  return [
    `${table}: ${missing.length} rows of the fold are not there${some(missing)}` +
      `\n  ${strange.length} rows are not the fold's${some(strange)}`,
  ];
}

/** A row as text that does not depend on the order of its fields; what is empty is left out. */
function textOf(row) {
  return JSON.stringify(row, (_, value) => {
    if (value === null || typeof value !== 'object' || Array.isArray(value)) return value;
    const entries = Object.entries(value).filter(([, each]) => each !== null && each !== undefined);
    return Object.fromEntries(entries.sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}
