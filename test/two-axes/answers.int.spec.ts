import { isDeepStrictEqual } from 'node:util';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { categoryOf, idOf } from '@guanxi/kernel';
import fc from 'fast-check';
import { Coverage } from './coverage';
import { inForce, keysOf, ofKey, truthOf } from './fold';
import { play } from './history/play';
import { histories } from './history/steps';
import { shifted, telling } from './moments';
import { sameTruth } from './read-models';
import type { Asking } from './tables/asking';
import { asking } from './tables/asking';
import { models } from './models';
import { Kept } from './tables/databases';
import { runs } from './runs';
import { at, questions } from './tables/questions';
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

const idsOf = (log: readonly RecordedEvent[]): ReadonlyMap<string, readonly string[]> => {
  const ids = new Map<string, string[]>();
  for (const stream of new Set(log.map((event) => event.stream))) {
    const category = categoryOf(stream);
    ids.set(category, [...(ids.get(category) ?? []), idOf(stream)]);
  }
  return ids;
};

const positionAt = (log: readonly RecordedEvent[], asKnownAt: Instant): bigint =>
  log.findLast(({ recordedAt }) => recordedAt <= asKnownAt)?.position ?? 0n;

describe('answers', () => {
  it('are those of the events known then and true then', async () => {
    await fc.assert(
      fc.asyncProperty(
        histories(70),
        fc.array(fc.nat({ max: 6 }), { minLength: 1, maxLength: 3 }),
        fc.array(fc.tuple(fc.nat(), fc.nat(), fc.nat()), { minLength: 2, maxLength: 3 }),
        async (steps, batches, pairs) => {
          const played = await play(steps);
          const { log, end } = played;
          coverage.add(played);
          if (log.length === 0) return;
          await kept.follow(
            log,
            batches.map((n) => n + 1),
          );
          kept.now = told.now = end;
          const moments = telling(log);
          const learned = [...new Set(log.map(({ recordedAt }) => recordedAt))].flatMap((m) => [
            shifted(m, -1),
            m,
          ]);
          for (const [a, b, c] of pairs) {
            const asOf = moments[a % moments.length] as Instant;
            const asKnownAt = learned[b % learned.length] as Instant;
            const from = moments[c % moments.length] as Instant;
            const position = positionAt(log, asKnownAt);
            // Rows and movements of every key, all columns.
            const counted = inForce(log, position);
            for (const model of models) {
              const said = await kept.said(model, asOf, position);
              for (const key of keysOf(model, log)) {
                const truth = truthOf(model, key, ofKey(model, key, counted), asOf);
                const own = said.get(key) ?? { row: null, since: null, movements: [] };
                coverage.comparisons += 1;
                if (!sameTruth(own, truth))
                  throw new Error(
                    JSON.stringify({ model: model.name, key, asOf, asKnownAt, own, truth }, null, 1),
                  );
              }
            }
            await told.tell(log, position);
            for (const path of questions({ ids: idsOf(log), from })) {
              const asked = await ask.get(at(path, { asOf, asKnownAt }));
              const expected = await askTold.get(at(path, { asOf }));
              coverage.comparisons += 1;
              const { position: p, asKnownAt: k, ...body } = asked.body;
              const { position: _p, asKnownAt: _k, ...truth } = expected.body;
              if (
                asked.status !== expected.status ||
                !isDeepStrictEqual(body, truth) ||
                (asked.status === 200 && (p !== String(position) || k !== asKnownAt))
              )
                throw new Error(
                  JSON.stringify(
                    { path, asOf, asKnownAt, position: String(position), asked, expected },
                    null,
                    1,
                  ),
                );
            }
          }
        },
      ),
      { numRuns: runs(8) },
    );

  }, 3_600_000);
});
