import type { RecordedEvent } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import fc from 'fast-check';
import { commandsIn, reproduction } from './counterexample';
import type { Played } from './history/play';
import { play, replay } from './history/play';
import { histories } from './history/steps';
import { MUTATIONS } from './mutations';
import { models } from './models';
import type { Difference, Instead } from './read-models';
import { differenceIn } from './read-models';

/** The first and then the smallest history of which a read model says something wrong. */
async function shrunk(name: string, instead: Instead): Promise<{ played: Played; difference: Difference }> {
  const model = models.find((own) => own.name === name);
  if (!model) throw new Error(`no read model is called ${name}`);
  const found = await fc.check(
    fc.asyncProperty(histories(30), async (steps) => {
      const { log } = await play(steps);
      return differenceIn(model, log, instead).difference === undefined;
    }),
    { numRuns: 300, seed: 5 },
  );
  const [steps] = found.counterexample ?? [];
  if (!steps) throw new Error(`not noticed in ${found.numRuns} histories`);
  const played = await play(steps);
  const { difference } = differenceIn(model, played.log, instead);
  if (!difference) throw new Error('the smallest history shows no difference');
  return { played, difference };
}

/** The same commands, sent as somebody else would, a day after the other. */
function later(text: string): Promise<Played> {
  const start = Date.parse('2031-01-01T00:00:00Z');
  return replay(
    commandsIn(text).map((line, index) => ({
      line,
      at: parseInstant(new Date(start + index * 1_000).toISOString()),
    })),
  );
}

const facts = (log: readonly RecordedEvent[]): readonly object[] =>
  log.map(({ type, stream, occurredAt, data }) => ({ type, stream, occurredAt, data }));

describe('a counterexample', () => {
  it.each(MUTATIONS)('is found where $fault, and its commands show it again', async ({ model }) => {
    const { played, difference } = await shrunk(model.name, { model });
    const { position } = difference;
    const text = reproduction(played, { what: 'a fault on purpose', position });
    const again = await later(text);
    expect(facts(again.log)).toEqual(facts(played.log));
    const original = models.find(({ name }) => name === model.name) ?? model;
    expect(differenceIn(original, again.log, { model }).difference).toBeDefined();
    expect(played.sent.length).toBeLessThan(8);
  });

  it('is found where a row counts only after the moment at which it began', async () => {
    const { played } = await shrunk('deals', { hasBegun: (from, asOf) => from < asOf });
    expect(played.sent.length).toBeLessThan(4);
  });

  it('prints lines for the bulk route, what was known before what was learned later, and the question', async () => {
    const id = '70000000-0000-4000-8000-000000000001';
    const at = (day: number): { at: ReturnType<typeof parseInstant> } => ({
      at: parseInstant(`2024-01-0${day}T00:00:00Z`),
    });
    const value = { amount: 1_000, currency: 'CNY' };
    const played = await replay([
      { line: { command: 'OpenDeal', id, data: { value } }, ...at(1) },
      { line: { command: 'AdvanceDeal', id, data: { to: 'D' } }, ...at(2) },
      {
        line: {
          command: 'LoseDeal',
          id,
          occurredAt: '2024-01-02T00:00:00.000Z',
          data: { reason: 'price' },
        },
        ...at(3),
      },
    ]);
    const { asOf } = { asOf: parseInstant('2024-01-04T00:00:00Z') };
    const wrong = { what: 'the board is wrong', path: '/v1/pipeline/board?by=owner', asOf, position: 1n };
    expect(reproduction(played, wrong)).toBe(
      [
        '# the board is wrong',
        '# send to POST /v1/commands as application/x-ndjson',
        `{"command":"OpenDeal","id":"${id}","occurredAt":"2024-01-01T00:00:00.000Z","data":{"value":{"amount":1000,"currency":"CNY"}}}`,
        '# then, when what stands above was answered, note the time as KNOWN, and send',
        `{"command":"LoseDeal","id":"${id}","occurredAt":"2024-01-02T00:00:00.000Z","data":{"reason":"price"}}`,
        '# ask',
        'GET /v1/pipeline/board?by=owner&asOf=2024-01-04T00:00:00.000Z&asKnownAt=KNOWN',
      ].join('\n'),
    );
  });
});
