import { CommandCatalogue, validateInput } from '@guanxi/commanding';
import { contexts } from '@guanxi/contexts';
import { Deciders, EventRegistry, MemoryEventStore } from '@guanxi/event-store';
import { instantOf, parseInstant } from '@guanxi/kernel';
import type { CommandLine } from '../import/types';
import { simulate } from './simulate';

const until = Date.UTC(2026, 6, 1);
const now = instantOf(new Date(until));
const catalogue = new CommandCatalogue(contexts.flatMap(({ commands }) => commands));
const registry = new EventRegistry(contexts.flatMap(({ events }) => events));

/** The product's own decisions, without its edge: what they say to a simulated command. */
class Decisions {
  private readonly deciders = new Deciders(new MemoryEventStore(), registry);
  private readonly streams = new Set<string>();

  async on({ command, id, key, occurredAt = now, data }: CommandLine): Promise<string> {
    const spec = catalogue.find(command);
    if (!spec) return 'no such command';
    const input = validateInput(spec.input, data);
    const unknown = spec.references(input).filter(({ stream }) => !this.streams.has(stream));
    if (unknown.length > 0) return `unknown ${unknown.map(({ field }) => field).join()}`;
    const stream = `${spec.category}-${id}`;
    const at = parseInstant(occurredAt);
    const meta = {
      commandId: key,
      command,
      commandHash: key,
      at,
      now,
      correlationId: key,
      actor: 'test',
      tenant: 'test',
    };
    const { status } = await this.deciders.transact(
      stream,
      spec.decider,
      spec.decide(input, meta, id),
      meta,
      {
        mayPredate: spec.mayPredate,
      },
    );
    this.streams.add(stream);
    return status;
  }
}

it.each(['1', '2', '3'])(
  'is accepted, every command of seed %s, by the decisions of the product',
  async (seed) => {
    const decisions = new Decisions();
    const otherwise: string[] = [];
    for (const line of simulate({ seed, years: 1, until })) {
      const said = await decisions.on(line).catch((error: unknown) => String(error));
      if (said !== 'accepted') otherwise.push(`${said}: ${JSON.stringify(line)}`);
    }
    expect(otherwise).toEqual([]);
  },
);
