import { quantile } from './product.mjs';

/** Minimum, median and maximum of some numbers. */
export const spread = (values) => ({
  min: Math.min(...values),
  median: middle(values),
  max: Math.max(...values),
});

function middle(values) {
  const sorted = [...values].sort((a, b) => a - b);
  const half = sorted.length / 2;
  return sorted.length % 2 === 1 ? sorted[Math.floor(half)] : (sorted[half - 1] + sorted[half]) / 2;
}

/** What the rounds of one candidate came to. @param {readonly {rate: number, p50: number, p99: number}[]} rounds */
export const summaryOf = (rounds) => ({
  rate: spread(rounds.map(({ rate }) => rate)),
  p50: middle(rounds.map(({ p50 }) => p50)),
  p99: middle(rounds.map(({ p99 }) => p99)),
});

/** How many times as fast the first is: of the medians, and the least and greatest of rounds side by side. */
export function ratioOf(ours, theirs) {
  const { min, max } = spread(ours.map(({ rate }, round) => rate / theirs[round].rate));
  return { ofMedians: summaryOf(ours).rate.median / summaryOf(theirs).rate.median, min, max };
}

/** Processor time of an operation in microseconds, as far as it is known; other work on the machine hardly moves it. */
export function cpuOf(rounds, figure) {
  const known = rounds.filter((round) => round[figure] !== undefined);
  const sum = (name) => known.reduce((total, round) => total + round[name], 0);
  return known.length === 0 ? undefined : (sum(figure) * 1_000) / sum('all');
}

/** One round's figures from the times in milliseconds that its operations took. */
export const roundOf = (times, milliseconds) => ({
  rate: (times.length * 1_000) / milliseconds,
  p50: quantile(times, 0.5),
  p99: quantile(times, 0.99),
});

/** `3 / 4 / 5`, rates a second. */
export const printSpread = ({ min, median, max }) => [min, median, max].map((n) => Math.round(n)).join(' / ');

/** `3.1 (2.9-3.4)` */
export const printRatio = ({ ofMedians, min, max }) =>
  `${ofMedians.toFixed(2)} (${min.toFixed(2)}-${max.toFixed(2)})`;

/** Milliseconds with as many places as tell something. */
export const printMs = (ms) => (ms < 10 ? ms.toFixed(2) : ms.toFixed(1));

/** Microseconds, or nothing where they are not known. */
export const printCpu = (microseconds) => (microseconds === undefined ? '' : microseconds.toFixed(0));

/** The candidates in another order each round, so that none always comes after the same other one. */
export const turned = (list, round) => list.map((_, index) => list[(index + round) % list.length]);

/** A line of the table of what is to be reached. @param {boolean} [atMost] the bar is one from above */
export const bar = (what, wanted, measured, atMost = false) => ({
  what,
  wanted: `${atMost ? '<=' : '>='} ${wanted}`,
  measured: Number(measured.toFixed(2)),
  reached: (atMost ? measured <= wanted : measured >= wanted) ? 'yes' : 'NO',
});
