import { derivedId } from '@guanxi/event-store';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { redatingOf, timeline } from '@guanxi/kernel';
import type { AnyPolicy, InStream, PolicyCommand, Timer } from './policy';

/** The event behind a command or a timer. */
export interface Cause {
  readonly id: string;
  readonly stream: string;
  readonly position: bigint;
  readonly correlationId: string;
  readonly tenant: string;
}

/** A command with the id under which it is sent, however often it is thought of, and the event behind it. */
export interface PlannedCommand extends PolicyCommand {
  readonly commandKey: string;
  readonly cause: Cause;
}

/** A timer with the event by which it was first known that it is due then. */
export interface PlannedTimer extends Timer {
  readonly cause: Cause;
  /** When that event was recorded. */
  readonly knownSince: Instant;
}

/** What follows from a key's events. */
export interface Plan {
  readonly state: unknown;
  readonly timers: readonly PlannedTimer[];
  readonly commands: readonly PlannedCommand[];
}

/**
 * What follows from a key's events: this function is the meaning of a policy, whatever way events come to the engine.
 * @param events all events of the key that are known, in position order
 * @param answers true for the positions of events that commands may answer
 */
export function planOf(
  policy: AnyPolicy,
  key: string,
  events: readonly RecordedEvent[],
  answers: (position: bigint) => boolean,
): Plan {
  const states = statesOf(policy, key, events);
  const commands = events.flatMap((event, index): readonly PlannedCommand[] => {
    if (!policy.onEvent || !answers(event.position)) return [];
    const learned = {
      before: index === 0 ? initialOf(policy) : states[index - 1],
      after: states[index],
      event: happened(event, event.occurredAt),
      key,
    };
    return policy.onEvent(learned).map((command, number) => ({
      ...checked(policy, command),
      commandKey: derivedId('policy', policy.name, String(policy.version), event.id, String(number)),
      cause: causeOf(event),
    }));
  });
  return { state: states.at(-1), timers: timersOf(policy, key, events, states), commands };
}

/** What is to be done now that a timer is due, as things stand. */
export function commandsOfTimer(
  policy: AnyPolicy,
  key: string,
  state: unknown,
  { name, dueAt, cause }: Timer & { readonly cause: Cause },
): readonly PlannedCommand[] {
  const commands = policy.onTimer?.(state, { name, dueAt }, key) ?? [];
  return commands.map((command, number) => ({
    ...checked(policy, command),
    commandKey: derivedId('timer', policy.name, String(policy.version), key, name, String(number)),
    cause,
  }));
}

/** How a key stood to our knowledge after each of its events was recorded. */
function statesOf(policy: AnyPolicy, key: string, events: readonly RecordedEvent[]): readonly unknown[] {
  let state = initialOf(policy);
  let latest: Instant | undefined;
  return events.map((event, index): unknown => {
    const isRedating = redatingOf(event.data) !== undefined;
    if (!isRedating && (latest === undefined || event.occurredAt >= latest)) {
      state = evolve(policy, key, state, event, event.occurredAt);
      latest = event.occurredAt;
      return state;
    }
    const placed = timeline(events.slice(0, index + 1));
    latest = placed.at(-1)?.at;
    state = placed.reduce<unknown>(
      (folded, { event: each, at }) =>
        redatingOf(each.data) ? folded : evolve(policy, key, folded, each, at),
      initialOf(policy),
    );
    return state;
  });
}

/** The timers that the last state calls for, each with the event since which it has been called for without a break. */
function timersOf(
  policy: AnyPolicy,
  key: string,
  events: readonly RecordedEvent[],
  states: readonly unknown[],
): readonly PlannedTimer[] {
  if (!policy.timers || states.length === 0) return [];
  const called = new Map<number, readonly Timer[]>();
  const calledAt = (index: number): readonly Timer[] => {
    const known = called.get(index) ?? policy.timers?.(states[index], key) ?? [];
    called.set(index, known);
    return known;
  };
  const last = events.length - 1;
  requireNames(policy, calledAt(last));
  return calledAt(last).flatMap((timer): readonly PlannedTimer[] => {
    let since = last;
    const isCalledAt = (index: number): boolean =>
      calledAt(index).some(({ name, dueAt }) => name === timer.name && dueAt === timer.dueAt);
    while (since > 0 && isCalledAt(since - 1)) since -= 1;
    const cause = events[since];
    return cause ? [{ ...timer, cause: causeOf(cause), knownSince: cause.recordedAt }] : [];
  });
}

function requireNames(policy: AnyPolicy, timers: readonly Timer[]): void {
  const names = new Set(timers.map(({ name }) => name));
  if (names.size < timers.length)
    throw new Error(`policy ${policy.name} calls for two timers of one name at once`);
}

function checked(policy: AnyPolicy, command: PolicyCommand): PolicyCommand {
  if (policy.sends.includes(command.command)) return command;
  throw new Error(`policy ${policy.name} does not declare that it sends ${command.command}`);
}

const causeOf = ({ id, stream, position, metadata: { correlationId, tenant } }: RecordedEvent): Cause => ({
  ...{ id, stream, position, correlationId, tenant },
});

const initialOf = (policy: AnyPolicy): unknown => policy.initial;

const evolve = (policy: AnyPolicy, key: string, state: unknown, event: RecordedEvent, at: Instant): unknown =>
  policy.evolve(state, happened(event, at), key);

/** Only what a policy may look at: where an event lies in the log is no business of its fold. */
const happened = ({ type, data, revision, stream }: RecordedEvent, at: Instant): InStream<object> =>
  Object.assign({ type, data }, { at, revision, stream });
