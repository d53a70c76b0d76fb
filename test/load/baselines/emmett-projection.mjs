/**
 * Emmett's own projections of the deals' current rows, in a process of its own: no history, no movements. Its consumer
 * reads all messages with `rebuildPostgreSQLProjections`, from the first to the last.
 *
 *  - `pongo`: one document a deal, as its guide to projections does it, folded by the very function of our read model;
 *  - `raw`: the columns of our table, one statement an event, as its raw SQL projections do it.
 */
import { sql } from '@event-driven-io/dumbo';
import {
  getPostgreSQLEventStore,
  pongoSingleStreamProjection,
  postgreSQLRawSQLProjection,
  rebuildPostgreSQLProjections,
} from '@event-driven-io/emmett-postgresql';
import { built } from '../append/candidates.mjs';
import { serveJobs } from '../append/jobs.mjs';
import { execute } from '../append/servers.mjs';

const { deals } = built('deals');
const { createTables } = built('projections');

const [url, kind, batchSize] = process.argv.slice(2);
const TABLE = 'rm.emmett_deals';
const idOf = ({ metadata }) => metadata.streamName.slice('deal-'.length);

const pongo = pongoSingleStreamProjection({
  collectionName: 'deals',
  canHandle: deals.types,
  getDocumentId: idOf,
  evolve: (document, event) => {
    const { streamPosition, streamName: stream, occurredAt: at } = event.metadata;
    const { type, data } = event;
    return deals.evolve(document, { type, data, at, revision: Number(streamPosition), stream }, idOf(event));
  },
});

// Of another name than pongo's: a checkpoint is kept by it.
const raw = postgreSQLRawSQLProjection({ name: 'deals-raw', canHandle: deals.types, evolve: statementOf });

/** What an event changes in the deal's row, each value as the event has it. */
const CHANGES = {
  'deal-first-meeting-scheduled.v1': () => [],
  'deal-first-meeting-held.v1': () => [],
  'deal-reviewed.v1': () => [],
  'deal-criterion-confirmed.v1': ({ criterion }) => [
    ['criteria', "coalesce(criteria, '{}') || array[%L]", criterion],
  ],
  'deal-advanced.v1': ({ to }, at) => [
    ['stage', '%L', to],
    ['stage_entered_at', '%L', at],
  ],
  'deal-won.v1': ({ value, evidence }, at) => [
    ['status', '%L', 'won'],
    ['value', '%L', value.amount],
    ['evidence', '%L', evidence],
    ...closedAt(at),
  ],
  'deal-lost.v1': ({ reason, competitor }, at) => [
    ['status', '%L', 'lost'],
    ['lost_reason', '%L', reason],
    ['competitor', '%L', competitor],
    ...closedAt(at),
  ],
  'deal-reopened.v1': ({ to }, at) => [
    ['status', '%L', 'open'],
    ['stage', '%L', to],
    ['stage_entered_at', '%L', at],
    ...['closed_at', 'closed_owner', 'lost_reason', 'competitor'].map((name) => [name, 'null']),
  ],
  'deal-revised.v1': ({ value, expectedCloseOn }) => [
    ['value', '%L', value.amount],
    ['expected_close_on', '%L', expectedCloseOn],
    ['times_slipped', `times_slipped + (%L > expected_close_on)::integer`, expectedCloseOn],
  ],
  'deal-owner-assigned.v1': ({ owner }) => [['owner', '%L', owner]],
  'deal-corrected.v1': ({ value, expectedCloseOn }) =>
    value ? [['value', '%L', value.amount]] : [['expected_close_on', '%L', expectedCloseOn]],
};

const closedAt = (at) => [
  ['closed_at', '%L', at],
  ['closed_owner', 'owner'],
];

function statementOf(event) {
  const { type, data, metadata } = event;
  const at = metadata.occurredAt;
  if (type === 'deal-opened.v1') return insertOf(idOf(event), data, at);
  const changes = CHANGES[type]?.(data, at) ?? [];
  const set = [['moved_at', '%L', at], ...changes].map(([name, expression]) => `${name} = ${expression}`);
  const values = changes.filter((change) => change.length > 2).map(([, , value]) => value ?? null);
  return sql(
    `update ${TABLE} set ${set.join(', ')}, last_at = %L where id = %L`,
    at,
    ...values,
    at,
    idOf(event),
  );
}

const insertOf = (id, { value, lines, customerId, owner, title, externalRef, expectedCloseOn }, at) =>
  sql(
    `insert into ${TABLE} (id, status, stage, value, currency, opened_at, stage_entered_at, moved_at, times_slipped,
       lines, product_id, customer_id, owner, title, external_ref, expected_close_on, valid_from, opened_pos, last_at)
     values (%L, 'open', 'E', %L, %L, %L, %L, %L, 0, %L, %L, %L, %L, %L, %L, %L, %L, 0, %L)`,
    ...[id, value.amount, value.currency, at, at, at, JSON.stringify(lines), lines[0].productId],
    ...[customerId, owner, title, externalRef, expectedCloseOn, at, at],
  );

/** Emmett's schema, with the events of our log under the same order and with the same data. */
async function prepare() {
  const store = getPostgreSQLEventStore(url);
  await store.schema.migrate();
  await store.close();
  await execute(
    url,
    `insert into emt_messages (stream_position, global_position, transaction_id, stream_id, message_schema_version,
       message_id, message_type, message_data, message_metadata)
     select revision + 1, position, pg_current_xact_id(), stream, '1', id, type, data::jsonb,
            metadata::jsonb || jsonb_build_object('occurredAt', to_char(occurred_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'))
       from es.events order by position`,
    'vacuum analyze emt_messages',
    // Emmett reads what lies behind the oldest running transaction: an analyze of another table would hide everything.
    `do $$ begin
       while exists (select from emt_messages where transaction_id >= pg_snapshot_xmin(pg_current_snapshot())) loop
         perform pg_sleep(0.1);
       end loop;
     end $$`,
    ...createTables({ ...deals, movements: undefined }, 'emmett_deals'),
  );
}

/** A consumer keeps to itself what its projections throw: a run that folded nothing would be the fastest. */
function watched(projection) {
  const seen = { failure: undefined, events: 0 };
  const handle = async (events, context) => {
    try {
      await projection.handle(events, context);
      seen.events += events.length;
    } catch (error) {
      seen.failure ??= error;
      throw error;
    }
  };
  return { seen, projection: { ...projection, handle } };
}

async function project({ events }) {
  if (kind === 'raw') await execute(url, `truncate ${TABLE}`);
  // Its rebuild empties the projection, but goes on from the checkpoint of the round before.
  await execute(url, 'delete from emt_processors');
  const { seen, projection } = watched(kind === 'raw' ? raw : pongo);
  const begun = performance.now();
  const cpu = process.cpuUsage();
  const consumer = rebuildPostgreSQLProjections({
    connectionString: url,
    pulling: { batchSize: Number(batchSize) },
    projections: [projection],
  });
  await consumer.start();
  const ms = performance.now() - begun;
  const { user, system } = process.cpuUsage(cpu);
  await consumer.close();
  if (seen.failure) throw seen.failure;
  if (seen.events !== events) throw new Error(`${seen.events} events were folded, not ${events}`);
  return { ms, cpuMs: (user + system) / 1_000 };
}

serveJobs({ prepare, project, close: () => undefined });
