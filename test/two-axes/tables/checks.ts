import { isDeepStrictEqual } from 'node:util';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { millisecondsBetween } from '@guanxi/kernel';
import type { Wrong } from '../counterexample';
import type { Truth } from '../fold';
import { inForce, keysOf, ofKey, truthOf } from '../fold';
import { models } from '../models';
import { sameTruth } from '../read-models';
import type { Answer, Asking } from './asking';
import type { Kept } from './databases';
import { at } from './questions';

/** A pair of moments, and the last position known at the second. */
export interface Pair {
  readonly asOf: Instant;
  readonly asKnownAt: Instant;
  readonly position: bigint;
}

const NOTHING: Truth = { row: null, since: null, movements: [] };

/** Holds rows and movements of all tables, all columns, to the plain fold. */
export async function rowsDiffer(
  kept: Kept,
  log: readonly RecordedEvent[],
  { asOf, position, asKnownAt }: Pair,
): Promise<Wrong | undefined> {
  const counted = inForce(log, position);
  for (const model of models) {
    const said = await kept.said(model, asOf, position);
    for (const key of new Set([...keysOf(model, log), ...said.keys()])) {
      const truth = truthOf(model, key, ofKey(model, key, counted), asOf);
      const own = said.get(key) ?? NOTHING;
      if (sameTruth(own, truth)) continue;
      const what = `tables of ${model.name}, key ${key}: ${JSON.stringify(own)}, true: ${JSON.stringify(truth)}`;
      return { what, asOf, asKnownAt, position };
    }
  }
  return undefined;
}

/** Holds an answer at both moments to the answer of a database that knows no more than was known. */
export async function answersDiffer(
  asked: Asking,
  told: Asking,
  path: string,
  pair: Pair,
): Promise<Wrong | undefined> {
  const { asOf, asKnownAt, position } = pair;
  const answer = await asked.get(at(path, { asOf, asKnownAt }));
  const expected = await told.get(at(path, { asOf }));
  const speaks = { asOf, asKnownAt, position: String(position), policyVersion: 0 };
  const same =
    answer.status === expected.status &&
    isDeepStrictEqual(answer.body, {
      ...expected.body,
      ...(answer.status === 200 ? speaks : {}),
    });
  if (same) return undefined;
  const what = `${JSON.stringify(answer)}, expected ${JSON.stringify(expected)}`;
  return { what, path, asOf, asKnownAt, position };
}

/** Holds the face of now to the answer as of now. */
export async function facesDiffer(asked: Asking, path: string, now: Instant): Promise<Wrong | undefined> {
  const face = await asked.get(path);
  const asOfNow = await asked.get(at(path, { asOf: now }));
  if (isDeepStrictEqual(face, asOfNow)) return undefined;
  const what = `the face of now, ${JSON.stringify(face)}, is not that as of now, ${JSON.stringify(asOfNow)}`;
  return { what, path, asOf: now };
}

/** Rows and movements of a model, told by the plain fold. */
function told(name: string, log: readonly RecordedEvent[], { asOf, position }: Pair): readonly Truth[] {
  const model = models.find((own) => own.name === name);
  if (!model) return [];
  const counted = inForce(log, position);
  return keysOf(model, log).map((key) => truthOf(model, key, ofKey(model, key, counted), asOf));
}

interface Figures {
  readonly status: string;
  readonly stage: string;
  readonly stageEnteredAt: Instant;
  readonly kind: string;
  readonly count: number;
}

const rowsOf = (truths: readonly Truth[]): readonly Figures[] =>
  truths.flatMap(({ row }) => (row === null ? [] : [row as Figures]));

const movedIn = (truths: readonly Truth[], from: Instant): readonly Figures[] =>
  truths.flatMap(({ movements }) =>
    movements.filter((moved) => moved.at >= from).map(({ movement }) => movement as Figures),
  );

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** True for the mean of some days, told to a tenth of a day. */
const isMean = (told: number | null, days: readonly number[]): boolean =>
  told === null ? days.length === 0 : Math.abs(told - sum(days) / days.length) <= 0.051;

/** Sums that are reckoned here, from the plain fold alone, beside what the queries say. */
export async function sumsDiffer(
  asked: Asking,
  log: readonly RecordedEvent[],
  pair: Pair,
  from: Instant,
): Promise<Wrong | undefined> {
  const { asOf, asKnownAt, position } = pair;
  const deals = told('deals', log, pair);
  const before = (name: string): readonly Truth[] =>
    told(name, log, { ...pair, asOf: new Date(Date.parse(from) - 1).toISOString() as Instant });
  const open = rowsOf(deals).filter(({ status }) => status === 'open');
  const active = (truths: readonly Truth[]): number =>
    rowsOf(truths).filter(({ status }) => status === 'active').length;
  const closings = movedIn(deals, from);
  const purchases = movedIn(told('purchases', log, pair), from);
  const ages = open.map(({ stageEnteredAt }) => millisecondsBetween(stageEnteredAt, asOf) / 86_400_000);
  const inPeriod = from < asOf;
  const reckoned: readonly [string, (body: Answer['body']) => readonly unknown[], readonly unknown[]][] = [
    [
      '/v1/pipeline/board?by=currency&currency=CNY',
      ({ total, stages, groups }) => [
        total.count,
        stages.map(({ count }: Figures) => count),
        sum(groups.map((group: { total: Figures }) => group.total.count)),
        isMean(total.ageDays.mean, ages),
      ],
      [
        open.length,
        ['E', 'D', 'C', 'B', 'A'].map((stage) => open.filter((row) => row.stage === stage).length),
        open.length,
        true,
      ],
    ],
    ...(inPeriod
      ? ([
          [
            `/v1/pipeline/waterfall?from=${from}&currency=CNY`,
            ({ opening, movements, closing }) => [
              closing.count,
              opening.count + sum(movements.map(({ count }: Figures) => count)),
              opening.value.amount +
                sum(movements.map((moved: { value: { amount: number } }) => moved.value.amount)) -
                closing.value.amount,
            ],
            [open.length, open.length, 0],
          ],
          [
            `/v1/pipeline/flow?from=${from}&currency=CNY`,
            ({ total }) => [total.won.count, total.lost.count],
            ['won', 'lost'].map(
              (kind) => 0 - sum(closings.filter((moved) => moved.kind === kind).map(({ count }) => count)),
            ),
          ],
          [
            `/v1/churn/history?from=${from}`,
            ({ total }) => [
              total.closing,
              total.opening,
              total.opening + total.new + total.returned - total.lost,
            ],
            [
              active(told('customers', log, pair)),
              active(before('customers')),
              active(told('customers', log, pair)),
            ],
          ],
          [
            `/v1/purchases/totals?from=${from}&by=currency`,
            ({ total }) => [total.purchases, total.returns, total.refunds],
            ['purchase', 'return', 'refund'].map(
              (kind) => purchases.filter((moved) => moved.kind === kind).length,
            ),
          ],
        ] satisfies typeof reckoned)
      : []),
  ];
  for (const [path, of, expected] of reckoned) {
    const answer = await asked.get(at(path, { asOf, asKnownAt }));
    // Amounts in currencies for which no rate is known do not add up.
    if (answer.status === 400) continue;
    const said = answer.status === 200 ? of(answer.body) : [answer.status];
    if (isDeepStrictEqual(said, expected)) continue;
    const what = `${JSON.stringify(said)} where the events give ${JSON.stringify(expected)}`;
    return { what, path, asOf, asKnownAt, position };
  }
  return undefined;
}
