import type { CommandSpec } from '@guanxi/commanding';
import { CommandGateway, commandClassOf, commandHandlerOf } from '@guanxi/commanding';
import { contexts } from '@guanxi/contexts';
import type { EventStore } from '@guanxi/event-store';
import { Deciders, EventRegistry, MemoryEventStore } from '@guanxi/event-store';
import type { Instant, RecordedEvent } from '@guanxi/kernel';
import { DomainError, instantOf, timeline } from '@guanxi/kernel';
import type { CommandBus } from '@nestjs/cqrs';

/** A command as a line of `POST /v1/commands`. */
export interface Command {
  readonly command: string;
  readonly id: string;
  readonly occurredAt?: string;
  readonly data: object;
}

/** What became of a command, and when it arrived. */
export interface Sent {
  readonly line: Command;
  readonly at: Instant;
  readonly status: 'accepted' | 'unchanged' | 'refused';
  /** Where the log ended after it. */
  readonly position: bigint;
  /** The rule that refused it. */
  readonly code?: string;
}

const SENDER = { actor: 'tester', tenant: 'default' } as const;

export const registry = new EventRegistry(contexts.flatMap(({ events }) => events));

const specs: ReadonlyMap<string, CommandSpec> = new Map(
  contexts.flatMap(({ commands }) => commands).map((spec) => [spec.name, spec]),
);

/** The declared command of a name. */
export function specOf(name: string): CommandSpec {
  const spec = specs.get(name);
  if (!spec) throw new Error(`no command is called ${name}`);
  return spec;
}

/** Commands on their real way - form, references, decision, append - into a log whose clock the test sets. */
export class CommandPath {
  now: number;
  readonly sent: Sent[] = [];
  readonly store: EventStore;
  private readonly gateway: CommandGateway;

  constructor(start: Instant) {
    this.now = Date.parse(start);
    this.store = new MemoryEventStore(() => this.now);
    const deciders = new Deciders(this.store, registry);
    const handlers = new Map(
      [...specs.values()].map((spec) => [commandClassOf(spec), new (commandHandlerOf(spec))(deciders)]),
    );
    const bus = {
      execute: (command: InstanceType<ReturnType<typeof commandClassOf>>) =>
        handlers.get(command.constructor as ReturnType<typeof commandClassOf>)?.execute(command),
    };
    this.gateway = new CommandGateway(bus as unknown as CommandBus, this.store, () => this.clock());
  }

  clock(): Instant {
    return instantOf(new Date(this.now));
  }

  /** Sends one command; a refusal is an outcome, anything else that goes wrong is a fault. */
  async send(line: Command): Promise<Sent> {
    const sent = await this.carryOut(line);
    this.sent.push(sent);
    return sent;
  }

  /** The whole log. */
  async log(): Promise<readonly RecordedEvent[]> {
    const events: RecordedEvent[] = [];
    for await (const page of this.store.readAll({ after: 0n })) events.push(...page);
    return events;
  }

  /** A stream's events with the moments at which they count, and the state on which its next command is decided. */
  async stream(spec: CommandSpec, id: string): Promise<StreamNow> {
    const events = await this.store.readStream(`${spec.category}-${id}`);
    const placed = timeline(events);
    const state = placed.reduce<unknown>(
      (before, { event, at }) =>
        'redates' in event.data
          ? before
          : spec.decider.evolve(before, { type: event.type, data: event.data, at, revision: event.revision }),
      spec.decider.initial,
    );
    return { events, state, last: placed.at(-1)?.at };
  }

  private async carryOut(line: Command): Promise<Sent> {
    const { command, id, occurredAt, data } = line;
    const at = this.clock();
    try {
      const { status } = await this.gateway.send(specOf(command), { id, occurredAt, data }, SENDER);
      return { line, at, status, position: (await this.store.head()).position };
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      return { line, at, status: 'refused', position: (await this.store.head()).position, code: error.code };
    }
  }
}

/** A stream as its next command finds it. */
export interface StreamNow {
  readonly events: readonly RecordedEvent[];
  readonly state: unknown;
  /** The latest moment at which something happened to it. */
  readonly last: Instant | undefined;
}
