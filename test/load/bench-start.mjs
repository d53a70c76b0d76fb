import { quantile, report, startProduct } from './product.mjs';

// The first start sets up what is missing; it is not counted.
await (await startProduct()).stop();
const times = [];
for (let run = 0; run < 5; run += 1) {
  const product = await startProduct();
  times.push(product.readyMs);
  await product.stop();
}
const [min, median, max] = [0, 0.5, 1].map((q) => Math.round(quantile(times, q)));
report(
  [
    {
      'npm start to ready, ms (new data directory)': 'min / median / max',
      value: `${min} / ${median} / ${max}`,
    },
  ],
  {
    startMs: { min, median, max },
  },
);
