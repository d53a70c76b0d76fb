import type { CommandMeta, Decider, Decision, Instant } from '@guanxi/kernel';
import { DomainError, parseInstant } from '@guanxi/kernel';

/** A fact of a test: an event's type and data, and when it happened where that matters. */
type Fact<E> = E & { readonly at?: Instant };

/** Meta of a command that arrives at noon and speaks about that moment, or about an earlier one. */
export function metaAt(at = '2026-03-02T12:00:00Z', now = at): CommandMeta {
  return {
    commandId: '018f3f5e-0000-7000-8000-000000000001',
    command: 'Test',
    commandHash: 'hash',
    at: parseInstant(at),
    now: parseInstant(now),
    correlationId: '018f3f5e-0000-7000-8000-000000000001',
    actor: 'tester',
    tenant: 'default',
  };
}

/** Facts folded to a state; facts without a moment happened at `metaAt()`'s. */
export function stateAfter<S, E>(decider: Decider<S, E>, facts: readonly Fact<E>[]): S {
  return facts.reduce<S>(
    (state, fact, revision) => decider.evolve(state, { ...fact, at: fact.at ?? metaAt().at, revision }),
    decider.initial,
  );
}

/** `given(decider)(facts…).when(decision)`: then what it decides, or how it refuses. */
export const given =
  <S, E>(decider: Decider<S, E>) =>
  (...facts: readonly Fact<E>[]) => ({
    when: (decision: Decision<S, E>) => ({
      then: (...expected: readonly Fact<E>[]): void => {
        expect(decision(stateAfter(decider, facts))).toEqual(expected);
      },
      thenNothing: (): void => {
        expect(decision(stateAfter(decider, facts))).toEqual([]);
      },
      thenRefuses: (code: string, facts_: Readonly<Record<string, unknown>> = {}): void => {
        const refusal = refusalOf(() => decision(stateAfter(decider, facts)));
        expect(refusal).toMatchObject({ code, facts: facts_ });
      },
      thenRefusesField: (field: string, rule: string): void => {
        const refusal = refusalOf(() => decision(stateAfter(decider, facts)));
        expect(refusal.errors).toEqual([expect.objectContaining({ field, rule })]);
      },
    }),
  });

function refusalOf(decide: () => unknown): DomainError {
  try {
    const events = decide();
    throw new Error(`not refused, but decided ${JSON.stringify(events)}`);
  } catch (error) {
    if (error instanceof DomainError) return error;
    throw error;
  }
}
