import { DomainError, parseInstant, plusMilliseconds } from '@guanxi/kernel';
import fc from 'fast-check';
import { metaAt } from '../../../../test/support/given';
import type { Complaint, ComplaintDecision } from './complaint';
import { complaintDecider } from './complaint';
import type { ComplaintEvent } from './events';
import { importComplaint } from './importing';
import { acknowledgeComplaint, escalateComplaint, fileComplaint, withdrawComplaint } from './intake';
import {
  answerProposal,
  closeComplaint,
  followUpComplaint,
  proposeSolution,
  reopenComplaint,
  resolveComplaint,
} from './solving';

const start = parseInstant('2026-01-01T00:00:00Z');
const at = (step: number) => metaAt(plusMilliseconds(start, step * 60_000));

/** Any command at its own minute, with content that differs often enough not to be taken for a retry. */
const command = (step: number): fc.Arbitrary<ComplaintDecision> =>
  fc.oneof(
    fc.constantFrom(
      fileComplaint({ anonymous: true, channel: 'web', cause: 'unknown' }),
      importComplaint(
        {
          channel: 'web',
          cause: 'unknown',
          filedAt: at(step).at,
          acknowledgedAt: at(step).at,
          resolution: 'other',
          resolvedAt: at(step).at,
          assumed: ['proposal', 'followUp'],
        },
        at(step),
      ),
      acknowledgeComplaint({}),
      withdrawComplaint({}),
    ),
    fc.constantFrom(
      proposeSolution({ regret: 'r', correction: `c${step}`, remedy: 'm' }),
      resolveComplaint({ resolution: 'done' }),
      closeComplaint({}),
      reopenComplaint({ reason: `again ${step}` }),
      escalateComplaint({ reason: 'no answer' }),
    ),
    fc.boolean().map((accepted) => answerProposal({ accepted })),
    fc
      .boolean()
      .map((reached) => followUpComplaint(reached ? { reached, satisfied: true } : { reached }, at(step))),
  );

const commands = fc.tuple(...Array.from({ length: 40 }, (_, step) => command(step)));

/** What the accepted ones of some commands wrote; refusals are what the order is made of. */
function writtenBy(decisions: readonly ComplaintDecision[]): readonly ComplaintEvent[] {
  let complaint = complaintDecider.initial;
  const written: ComplaintEvent[] = [];
  decisions.forEach((decision, step) => {
    for (const event of outcomeOf(decision, complaint)) {
      complaint = complaintDecider.evolve(complaint, { at: at(step).at, revision: written.length, ...event });
      written.push(event);
    }
  });
  return written;
}

/** What a decision writes; nothing when it refuses. */
function outcomeOf(decision: ComplaintDecision, complaint: Complaint): readonly ComplaintEvent[] {
  try {
    return decision(complaint);
  } catch (error) {
    if (error instanceof DomainError) return [];
    throw error;
  }
}

/** The events of the round of work that a closing ends: back to the last reopening. */
function round(events: readonly ComplaintEvent[], closing: number): readonly ComplaintEvent[] {
  const reopened = events.slice(0, closing).findLastIndex(({ type }) => type === 'complaint-reopened.v1');
  return events.slice(reopened + 1, closing);
}

const closings = (events: readonly ComplaintEvent[]): readonly number[] =>
  events.flatMap(({ type }, index) => (type === 'complaint-closed.v1' ? [index] : []));

describe('whatever is tried in whatever order', () => {
  it('no complaint is closed that was not acknowledged, proposed, resolved and followed up, in this order', () => {
    let closed = 0;
    fc.assert(
      fc.property(commands, (decisions) => {
        const events = writtenBy(decisions);
        for (const closing of closings(events)) {
          closed += 1;
          const acknowledged = events.findIndex(({ type }) => type === 'complaint-acknowledged.v1');
          expect(acknowledged).toBeGreaterThan(-1);
          expect(acknowledged).toBeLessThan(closing);
          const own = round(events, closing);
          const proposed = own.findIndex(({ type }) => type === 'complaint-solution-proposed.v1');
          const resolved = own.findIndex(({ type }) => type === 'complaint-resolved.v1');
          const visits = own
            .slice(resolved + 1)
            .flatMap((event) => (event.type === 'complaint-followed-up.v1' ? [event.data.reached] : []));
          expect(proposed).toBeGreaterThan(-1);
          expect(resolved).toBeGreaterThan(proposed);
          expect(visits.includes(true) || visits.length >= 3).toBe(true);
        }
      }),
      { numRuns: 2_000, seed: 20260102 },
    );
    expect(closed).toBeGreaterThan(100);
  });

  it('nothing happens to a complaint that was withdrawn', () => {
    fc.assert(
      fc.property(commands, (decisions) => {
        const types = writtenBy(decisions).map(({ type }) => type);
        const withdrawn = types.indexOf('complaint-withdrawn.v1');
        expect(withdrawn === -1 || withdrawn === types.length - 1).toBe(true);
      }),
      { numRuns: 500, seed: 20260103 },
    );
  });

  it('a command that was accepted changes nothing when it is sent again at once', () => {
    fc.assert(
      fc.property(commands, (decisions) => {
        let complaint = complaintDecider.initial;
        decisions.forEach((decision, step) => {
          const decided = outcomeOf(decision, complaint);
          for (const event of decided) {
            complaint = complaintDecider.evolve(complaint, { at: at(step).at, revision: step, ...event });
          }
          // Escalation names the next level unless it says which, and an import is known by its key.
          if (decided[0]?.type === 'complaint-escalated.v1' || decided.length > 1) return;
          expect(outcomeOf(decision, complaint)).toEqual([]);
        });
      }),
      { numRuns: 500, seed: 20260104 },
    );
  });
});
