import type { RecordedEvent } from '@guanxi/kernel';
import { categoryOf } from '@guanxi/kernel';
import type { TSchema } from '@sinclair/typebox';
import type { TypeCheck } from '@sinclair/typebox/compiler';
import { TypeCompiler } from '@sinclair/typebox/compiler';
import type { Publication, PublicEvent, Topic } from './contract';
import { contractName } from './contract';
import type { PublicMessage } from './public-message';
import { publicMessage } from './public-message';

/** An event whose mapping failed or made what its own contract does not allow: a fault of ours, which parks its key. */
export class Unmappable extends Error {
  override readonly name = 'Unmappable';

  constructor(
    readonly event: RecordedEvent,
    readonly contract: string,
    reason: string,
    options?: ErrorOptions,
  ) {
    super(`${event.type} at position ${event.position} can't be told as ${contract}: ${reason}`, options);
  }
}

interface Entry {
  readonly topic: Topic;
  readonly contract: PublicEvent;
  readonly check: TypeCheck<TSchema>;
}

/** Every public contract of the product, and what it makes of a stored event. */
export class ContractBook {
  private readonly byType = new Map<string, readonly Entry[]>();
  readonly topics: readonly Topic[];

  /**
   * @param source who tells, as `ce_source`: a URI reference such as `/guanxi/default`
   * @throws Error for a topic or contract that is declared twice, a name that cannot be one, or personal data where its
   * topic is not declared for it
   */
  constructor(
    readonly publications: readonly Publication[],
    private readonly source: string,
  ) {
    this.topics = publications.map(({ topic }) => topic);
    refuseTwice(
      'topic',
      this.topics.map(({ name }) => name),
    );
    const contracts = publications.flatMap(({ events }) => events);
    refuseTwice('public event', contracts.map(contractName));
    for (const { topic, events } of publications) {
      refuseName('topic', topic.name);
      for (const contract of events) this.enter(topic, contract);
    }
  }

  /** Stored types, in their newest versions, of which something is public. */
  get types(): readonly string[] {
    return [...this.byType.keys()];
  }

  /** The topic of a name. */
  topic(name: string): Topic | undefined {
    return this.topics.find((topic) => topic.name === name);
  }

  /** Stored types of which something goes to one of these topics. */
  typesOf(topics: ReadonlySet<string>): readonly string[] {
    return [...this.byType]
      .filter(([, entries]) => entries.some(({ topic }) => topics.has(topic.name)))
      .map(([type]) => type);
  }

  /**
   * What readers are told of an event, one message for each contract that has something to say.
   * @param event in its newest version
   * @throws Unmappable
   */
  messagesOf(event: RecordedEvent): readonly PublicMessage[] {
    const entries = this.byType.get(event.type);
    if (!entries) return [];
    const messages: PublicMessage[] = [];
    for (const { topic, contract, check } of entries) {
      const data = mapOne(contract, event);
      if (data === undefined) continue;
      if (!check.Check(data)) {
        const first = check.Errors(data).First();
        throw new Unmappable(event, contractName(contract), `${first?.path ?? '/'}: ${first?.message ?? ''}`);
      }
      messages.push(publicMessage(topic.name, contract, event, data, this.source));
    }
    return messages;
  }

  private enter(topic: Topic, contract: PublicEvent): void {
    refuseName('public event', contract.name);
    if (topic.personal !== true && isPersonal(contract.schema))
      throw new Error(
        `${contractName(contract)} tells who a person is, but topic ${topic.name} is not for that`,
      );
    const entry = { topic, contract, check: TypeCompiler.Compile(contract.schema) };
    this.byType.set(contract.from, [...(this.byType.get(contract.from) ?? []), entry]);
  }
}

function mapOne(contract: PublicEvent, event: RecordedEvent): ReturnType<PublicEvent['map']> {
  const category = categoryOf(event.stream);
  if (category !== contract.category)
    throw new Unmappable(
      event,
      contractName(contract),
      `its key must be that of a ${contract.category}, and it stands in a stream of ${category}`,
    );
  try {
    return contract.map(event);
  } catch (error) {
    // The message of a failure may repeat what the event says of a person; its kind may not.
    const reason = error instanceof Error ? error.name : 'its mapping failed';
    throw new Unmappable(event, contractName(contract), reason, { cause: error });
  }
}

/** Marks a part of a public schema that tells who a person is: `Type.String({ ...PERSONAL })`. */
export const PERSONAL = { 'x-personal': true } as const;

function isPersonal(schema: unknown): boolean {
  if (typeof schema !== 'object' || schema === null) return false;
  return Object.entries(schema).some(
    ([name, value]) => (name === 'x-personal' && value === true) || isPersonal(value),
  );
}

function refuseTwice(what: string, names: readonly string[]): void {
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new Error(`${what} ${twice} is declared twice`);
}

/** Names stand in topics, headers, file names and addresses. */
function refuseName(what: string, name: string): void {
  if (/^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/.test(name) && name.length <= 200) return;
  throw new Error(`${what} ${JSON.stringify(name)} must be lower-case words joined by hyphens and dots`);
}
