import { importFile, quantile, report, requireData, startProduct } from './product.mjs';

const ROUNDS = 150;
const WARM_UP = 20;

requireData();
const product = await startProduct();
const set = 'crm-sales-opportunities';
await importFile(product, 'products', `${set}/products.csv`, 'crm-products');
await importFile(product, 'sellers', `${set}/sales_teams.csv`, 'crm-sellers');
await importFile(product, 'customers', `${set}/accounts.csv`, 'crm-accounts');
await importFile(product, 'deals', `${set}/sales_pipeline.csv`, 'crm-deals');
const events = await headPosition();
const [deal] = (await product.get('/v1/deals?limit=1&status=won')).items;

const days = ['2017-02-01', '2017-05-01', '2017-08-01', '2017-10-15', '2017-12-31'];
const seller = deal.owner;
const queries = [
  { query: 'board', path: '/v1/pipeline/board?' },
  { query: 'board by region', path: '/v1/pipeline/board?by=region' },
  { query: 'deals of one owner', path: `/v1/deals?status=open&limit=50&owner=${seller}` },
  { query: 'one deal', path: `/v1/deals/${deal.id}?` },
  {
    query: 'waterfall of a quarter',
    path: '/v1/pipeline/waterfall?from=2017-07-01T00:00:00Z&to=2017-10-01T00:00:00Z',
  },
];

const results = [];
for (const { query, path } of queries) {
  const times = { current: [], asOf: [], known: [] };
  for (let round = 0; round < ROUNDS + WARM_UP; round += 1) {
    const asOf = `&asOf=${query === 'one deal' ? '2017-12-31' : days[round % days.length]}T12:00:00Z`;
    const now = new Date().toISOString();
    for (const [kind, url] of [
      ['current', path],
      ['asOf', path + asOf],
      ['known', `${path}${asOf}&asKnownAt=${now}`],
    ]) {
      const begun = performance.now();
      await product.get(url);
      if (round >= WARM_UP) times[kind].push(performance.now() - begun);
    }
  }
  const p50 = (kind) => Number(quantile(times[kind], 0.5).toFixed(2));
  results.push({
    query,
    currentP50Ms: p50('current'),
    asOfP50Ms: p50('asOf'),
    asOfAsKnownAtP50Ms: p50('known'),
    ratio: Number((p50('asOf') / p50('current')).toFixed(2)),
  });
}
await product.stop();
report(results, { events, queries: results });

async function headPosition() {
  for (;;) {
    const { projections } = await (await fetch(`${product.url}/health/ready`)).json();
    if (projections.models.every(({ lag }) => lag === '0')) return Number(projections.head);
  }
}
