import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { categoryOf, idOf } from '@guanxi/kernel';
import fc from 'fast-check';
import type { Wrong } from './counterexample';
import { reproduction } from './counterexample';
import { Coverage } from './coverage';
import type { Played } from './history/play';
import { play } from './history/play';
import { histories } from './history/steps';
import { shifted, telling } from './moments';
import { runs } from './runs';
import type { Asking } from './tables/asking';
import { asking } from './tables/asking';
import { answersDiffer, facesDiffer, rowsDiffer, sumsDiffer } from './tables/checks';
import { Kept } from './tables/databases';
import { questions } from './tables/questions';
import { Told } from './tables/told';

const coverage = new Coverage();
let kept: Kept;
let told: Told;
let ask: Asking;
let askTold: Asking;

beforeAll(async () => {
  kept = await Kept.open();
  told = await Told.open();
  ask = await asking(kept);
  askTold = await asking(told);
});

afterAll(async () => {
  await ask.close();
  await askTold.close();
  await kept.close();
  await told.close();
});

function idsOf(log: readonly RecordedEvent[]): ReadonlyMap<string, readonly string[]> {
  const ids = new Map<string, string[]>();
  for (const stream of new Set(log.map((event) => event.stream))) {
    const category = categoryOf(stream);
    ids.set(category, [...(ids.get(category) ?? []), idOf(stream)]);
  }
  return ids;
}

const positionAt = (log: readonly RecordedEvent[], asKnownAt: Instant): bigint =>
  log.findLast(({ recordedAt }) => recordedAt <= asKnownAt)?.position ?? 0n;

/** One of some moments. */
const pick = (moments: readonly Instant[], number: number): Instant =>
  moments[number % moments.length] ?? ('2024-01-01T00:00:00.000Z' as Instant);

/** What to ask about a history: numbers that choose moments and, of all questions, every third. */
interface Choice {
  readonly asOf: number;
  readonly asKnownAt: number;
  readonly from: number;
  readonly third: number;
}

const number = fc.nat({ max: 10_000 });
const choices = fc.array(
  fc.record<Choice>({ asOf: number, asKnownAt: number, from: number, third: fc.nat({ max: 2 }) }),
  { minLength: 2, maxLength: 3 },
);

async function firstWrong(played: Played, chosen: readonly Choice[]): Promise<Wrong | undefined> {
  const { log, end } = played;
  const moments = telling(log);
  const learned = [...new Set(log.map(({ recordedAt }) => recordedAt))].flatMap((at) => [
    shifted(at, -1),
    at,
  ]);
  for (const { third, ...choice } of chosen) {
    const [asOf, asKnownAt] = [pick(moments, choice.asOf), pick(learned, choice.asKnownAt)];
    const from = pick(moments, choice.from);
    const pair = { asOf, asKnownAt, position: positionAt(log, asKnownAt) };
    const asked = questions({ ids: idsOf(log), from }).filter((_, index) => index % 3 === third);
    coverage.comparisons += 2 * asked.length + 2;
    const rows = (await rowsDiffer(kept, log, pair)) ?? (await sumsDiffer(ask, log, pair, from));
    if (rows) return rows;
    await told.tell(log, pair.position);
    for (const path of asked) {
      const wrong = (await answersDiffer(ask, askTold, path, pair)) ?? (await facesDiffer(ask, path, end));
      if (wrong) return wrong;
    }
  }
  return undefined;
}

describe('answers', () => {
  it(
    'are those of the events known then and true then, from tables that followed the log in any batches',
    async () => {
      await fc.assert(
        fc.asyncProperty(
          histories(60),
          fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 3 }),
          choices,
          async (steps, batches, chosen) => {
            const played = await play(steps);
            if (played.log.length === 0) return;
            coverage.add(played);
            await kept.follow(played.log, batches);
            kept.now = told.now = played.end;
            const wrong = await firstWrong(played, chosen);
            if (wrong) throw new Error(reproduction(played, wrong));
          },
        ),
        { numRuns: runs(10), interruptAfterTimeLimit: runs.limit },
      );
      runs.tell(coverage);
      expect(coverage.histories).toBeGreaterThan(0);
      expect(coverage.share).toBeGreaterThan(0.8);
      expect(coverage.lateFacts).toBeGreaterThan(coverage.histories);
    },
    runs.patience,
  );
});
