import { importFile, report, requireData, residentMegabytes, startProduct } from './product.mjs';

requireData();
const product = await startProduct();
const memory = { cli: [], server: [] };
let cli = 0;
const watch = setInterval(() => {
  memory.server.push(residentMegabytes(product.pid));
  if (cli) memory.cli.push(residentMegabytes(cli));
}, 200);
const file = 'online-retail-ii/online_retail_2009_2010.csv.gz';
const summary = await importFile(product, 'purchases', file, 'online-retail-purchases', (pid) => (cli = pid));
clearInterval(watch);
const applied = performance.now();
await product.get('/v1/purchases?limit=1', { 'guanxi-min-position': String(summary.facts) });
const behindMs = performance.now() - applied;
await product.stop();

const flat = (samples) => {
  const half = samples.slice(Math.floor(samples.length / 2));
  return {
    peakMb: Math.round(Math.max(...samples)),
    secondHalfMb: `${Math.round(Math.min(...half))}–${Math.round(Math.max(...half))}`,
  };
};
const result = {
  ...summary,
  rowsPerSecond: Math.round(summary.read / summary.seconds),
  readModelsBehindMs: Math.round(behindMs),
  cli: flat(memory.cli.filter(Boolean)),
  server: flat(memory.server),
};
report(
  [
    { figure: 'facts a second', value: summary.factsPerSecond },
    { figure: 'facts (commands carried out)', value: summary.facts },
    { figure: 'lines read', value: summary.read },
    { figure: 'lines a second', value: result.rowsPerSecond },
    { figure: 'seconds', value: summary.seconds },
    { figure: 'read models behind at the end, ms', value: result.readModelsBehindMs },
    {
      figure: 'memory of the CLI, MB: peak; second half',
      value: `${result.cli.peakMb}; ${result.cli.secondHalfMb}`,
    },
    {
      figure: 'memory of the server, MB: peak; second half',
      value: `${result.server.peakMb}; ${result.server.secondHalfMb}`,
    },
  ],
  result,
);
