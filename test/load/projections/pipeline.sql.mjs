import { CUSTOMERS, OWNERS, PRODUCTS } from './ids.mjs';

/**
 * Lives of deals: how many in a hundred live so, and when each of their events happens, in thousandths of the time
 * between opening and closing. Criteria are cut down to one, so that each life has eight events.
 */
const LIVES = [
  [45, 'opened 0, scheduled 60, to-d 90, held 220, to-c 240, confirmed 450, revised 700, lost-c 1000'],
  [30, 'opened 0, scheduled 60, to-d 80, held 200, to-c 210, confirmed 400, revised 600, won 1000'],
  [15, 'opened 0, scheduled 100, to-d 120, assigned 300, held 400, reviewed 650, revised 800, lost-d 1000'],
  [10, 'opened 0, scheduled 80, to-d 100, lost-d 300, reopened 500, held 650, reviewed 800, lost-d 1000'],
];

/** What of events is corrected later on, in place of the seventh event, with so many deals in a thousand. */
const CORRECTIONS = [
  [40, 'corrected-value'],
  [20, 'corrected-date'],
  [20, 'redated'],
];

const text = (sql) => `'"' || ${sql} || '"'`;
const object = (fields) =>
  `'{' || ${Object.entries(fields)
    .map(([name, sql]) => `'"${name}":' || ${sql}`)
    .join(` || ',' || `)} || '}'`;
const constant = (value) => `'${JSON.stringify(value)}'`;
const instant = (sql) => text(`to_char((${sql}) at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"')`);
const day = (sql) => text(`to_char((${sql}) at time zone 'UTC', 'YYYY-MM-DD')`);
const money = (sql) => object({ amount: sql, currency: constant('CNY') });
const uuid = (name) =>
  `overlay(overlay(md5(${name}) placing '4' from 13 for 1) placing 'a' from 17 for 1)::uuid`;
/** A number from 0 on that looks like chance. */
const chance = (salt, below) => `abs(hashint8extended(d.n, ${salt}) % ${below})`;

const closing = (days) => day(`d.opened + interval '${days} days'`);
const lines = `'[' || ${object({ productId: text('d.product'), quantity: constant(1), value: 'd.value' })} || ']'`;

/** For each kind of event its type and the SQL of its data. */
const KINDS = {
  opened: [
    'deal-opened.v1',
    object({
      value: money('d.value'),
      customerId: text('d.customer'),
      owner: text('d.owner'),
      title: text(`'Renewal of line ' || d.n`),
      externalRef: text(`'OPP-' || d.n`),
      lines,
      expectedCloseOn: closing(45),
    }),
  ],
  scheduled: ['deal-first-meeting-scheduled.v1', object({ meetingAt: instant('o.moment') })],
  held: ['deal-first-meeting-held.v1', constant({ agreedToContinue: true, note: 'Asked for references' })],
  confirmed: [
    'deal-criterion-confirmed.v1',
    object({ criterion: constant('timetable'), decisionOn: closing(30), startOn: closing(90) }),
  ],
  'to-d': ['deal-advanced.v1', constant({ from: 'E', to: 'D' })],
  'to-c': ['deal-advanced.v1', constant({ from: 'D', to: 'C' })],
  assigned: [
    'deal-owner-assigned.v1',
    object({ owner: text(uuid(`'owner ' || (d.n + 7) % ${OWNERS}`)), reason: constant('New territory') }),
  ],
  reviewed: ['deal-reviewed.v1', constant({ note: 'Next step stands' })],
  revised: ['deal-revised.v1', object({ value: money('d.value * 9 / 10'), expectedCloseOn: closing(60) })],
  reopened: ['deal-reopened.v1', constant({ to: 'D', reason: 'The competitor could not deliver' })],
  won: [
    'deal-won.v1',
    object({
      from: constant('C'),
      value: money('d.value * 9 / 10'),
      evidence: constant('first-payment'),
      customerId: text('d.customer'),
    }),
  ],
  'lost-c': ['deal-lost.v1', constant({ from: 'C', reason: 'price', competitor: 'Another supplier' })],
  'lost-d': ['deal-lost.v1', constant({ from: 'D', reason: 'no budget' })],
  'corrected-value': [
    'deal-corrected.v1',
    object({ value: money('d.value * 11 / 10'), reason: constant('Typing error in the offer') }),
  ],
  'corrected-date': [
    'deal-corrected.v1',
    object({ expectedCloseOn: closing(75), reason: constant('Read from the minutes') }),
  ],
  redated: [
    'deal-event-redated.v1',
    object({
      redates: object({ revision: constant(1), to: instant(`d.opened + d.cycle * 0.02`) }),
      reason: constant('Entered days late'),
    }),
  ],
};

/** How much of the time to the closing had passed when what a correction tells of was so, in thousandths. */
const TOLD_OF = { 'corrected-value': 20, 'corrected-date': 350 };
const CORRECTED_EVENT = 6;

const list = (values) => values.map((row) => `(${row.join(', ')})`).join(', ');
/** `from` and `to` of each entry's share, one after the other. */
const shares = (entries) => {
  let from = 0;
  return entries.map(([share, what]) => [what, from, (from += share)]);
};

/** Which event of a deal is of which kind and when: by its fate, or by what is corrected. */
const steps = shares(LIVES).flatMap(([events, from, to]) =>
  events.split(', ').map((event, k) => {
    const [kind, at] = event.split(' ');
    return [k, `'${kind}'`, at, from, to];
  }),
);
const mistakes = shares(CORRECTIONS).map(([kind, from, to]) => [`'${kind}'`, from, to]);
const told = Object.entries(TOLD_OF).map(([kind, at]) => `when '${kind}' then d.cycle * ${at / 1_000}`);
const typeOf = Object.entries(KINDS).map(([kind, [type]]) => `when '${kind}' then '${type}'`);
const dataOf = Object.entries(KINDS).map(([kind, [, data]]) => `when '${kind}' then ${data}`);
const metadata = object({
  commandId: text('e.id'),
  command: constant('RecordPipeline'),
  commandHash: text('md5(e.id::text) || md5(e.id::text)'),
  correlationId: text('e.id'),
  actor: constant('bench'),
  tenant: constant('default'),
  policyVersion: constant(1),
});

/**
 * The statements that fill an empty store with the log of a pipeline; indexes are not their business.
 * @param {{count: number, deals: number, perDay: number, start: Date, chunk: number}} log
 * @returns {readonly string[]}
 */
export function pipelineSql({ count, deals, perDay, start, chunk }) {
  const makeDeals = `
    create unlogged table bench_deals as
    select d.n, date_trunc('second', '${start.toISOString()}'::timestamptz
             + (d.n * 86400.0 / ${perDay} + ${chance(1, 7_200)}) * interval '1 second') as opened,
           interval '10 days' + ${chance(2, 60 * 86_400)} * interval '1 second' as cycle,
           ${chance(3, 100)} as fate, ${chance(4, 1_000)} as mistake,
           100000 + ${chance(5, 10_000)} * 1000 as value, ${uuid(`'deal ' || d.n`)} as id,
           ${uuid(`'owner ' || ${chance(6, OWNERS)}`)} as owner,
           ${uuid(`'product ' || ${chance(7, PRODUCTS)}`)} as product,
           ${uuid(`'customer ' || ${chance(8, CUSTOMERS)}`)} as customer
      from generate_series(0::bigint, ${deals - 1}) as d (n)`;
  const makeOrder = `
    create unlogged table bench_order as
    select row_number() over (order by moment, n) as position, n, k, kind, moment
      from (select d.n, s.k, date_trunc('second', d.opened + d.cycle * (s.at / 1000.0)) as moment,
                   coalesce(m.kind, s.kind) as kind
              from bench_deals d
              join (values ${list(steps)}) as s (k, kind, at, low, high) on d.fate >= s.low and d.fate < s.high
              left join (values ${list(mistakes)}) as m (kind, low, high)
                on s.k = ${CORRECTED_EVENT} and d.mistake >= m.low and d.mistake < m.high) as e
     order by moment, n limit ${count}`;
  const inserts = [];
  for (let from = 0; from < count; from += chunk) {
    inserts.push(`
      insert into es.events (position, stream, revision, id, type, occurred_at, recorded_at, data, metadata)
      select o.position, 'deal-' || d.id, o.k, e.id, case o.kind ${typeOf.join(' ')} end,
             date_trunc('second', case o.kind ${told.map((when) => when.replace('then', 'then d.opened +')).join(' ')} else o.moment end),
             o.moment, case o.kind ${dataOf.join(' ')} end, ${metadata}
        from bench_order o join bench_deals d on d.n = o.n,
             lateral (select ${uuid(`'event ' || o.position`)} as id) as e
       where o.position > ${from} and o.position <= ${from + chunk}
       order by o.position`);
  }
  return [
    makeDeals,
    makeOrder,
    'create index on bench_order (position)',
    'analyze bench_deals',
    'analyze bench_order',
    ...inserts,
    'drop table bench_deals, bench_order',
    `update es.head set position = last.position, recorded_at = last.recorded_at
       from (select position, recorded_at from es.events order by position desc limit 1) as last`,
  ];
}
