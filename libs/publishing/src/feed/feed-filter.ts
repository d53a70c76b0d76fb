import { inputInvalid } from '@guanxi/commanding';
import type { EventRegistry } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import type { Publication } from '../contracts/contract';
import { typeOf } from '../contracts/public-message';

/** A contract as readers choose by it. */
export interface Told {
  readonly topic: string;
  /** As `ce_type`: `guanxi.deal-won.v1`. */
  readonly type: string;
  /** The stored type in its newest version. */
  readonly from: string;
  readonly personal: boolean;
}

/** What a reader wants. */
export interface FeedFilter {
  /** The same for all readers that want the same. */
  readonly key: string;
  /** Types under which events are stored that may be told, old versions among them. */
  readonly storedTypes: readonly string[];
  /** It lets through what tells who a person is. */
  readonly isPersonal: boolean;
  passes(tells: readonly Told[]): boolean;
}

/** What a reader names. */
export interface Wanted {
  readonly topics?: readonly string[] | undefined;
  /** With or without `guanxi.` in front. */
  readonly types?: readonly string[] | undefined;
  /** Whether the reader may see what tells who a person is. */
  readonly mayReadPersonal: boolean;
}

/** All that can be read, and what of it somebody wants. */
export class FeedOffer {
  readonly tells: readonly Told[];
  readonly topics: readonly string[];
  readonly types: readonly string[];
  private readonly filters = new Map<string, FeedFilter>();

  constructor(
    publications: readonly Publication[],
    private readonly registry: EventRegistry,
  ) {
    this.tells = publications.flatMap(({ topic, events }) =>
      events.map((contract) => ({
        topic: topic.name,
        type: typeOf(contract),
        from: contract.from,
        personal: topic.personal === true,
      })),
    );
    this.topics = publications.map(({ topic }) => topic.name);
    this.types = [...new Set(this.tells.map(({ type }) => type))];
  }

  /** What is told of a stored type. @param from in its newest version */
  toldOf(from: string): readonly Told[] {
    return this.tells.filter((told) => told.from === from);
  }

  /**
   * The filter for what somebody wants. Topics that tell who a person is must be named to be read.
   * @throws DomainError `input.invalid` for what there is not, `auth.role-missing` for what is not for this reader
   */
  filterOf({ topics, types, mayReadPersonal }: Wanted): FeedFilter {
    refuseUnknown('topics', 'isTopic', topics, this.topics);
    const long = types?.map((type) => (type.startsWith(PREFIX) ? type : `${PREFIX}${type}`));
    refuseUnknown('types', 'isType', long, this.types);
    const chosen = this.tells.filter(
      ({ topic, type, personal }) =>
        (topics ? topics.includes(topic) : !personal) && (long === undefined || long.includes(type)),
    );
    if (chosen.some(({ personal }) => personal) && !mayReadPersonal) throw needsPrivacy();
    const lost = long?.find((name) => !chosen.some(({ type }) => type === name));
    if (lost !== undefined) throw notInTopics(lost, this.tells.find(({ type }) => type === lost)?.topic);
    return this.kept(chosen);
  }

  private kept(chosen: readonly Told[]): FeedFilter {
    const key = chosen.map((told) => `${told.topic} ${told.type}`).join(',');
    const known = this.filters.get(key);
    if (known) return known;
    const wanted = new Set(chosen);
    const filter: FeedFilter = {
      key,
      storedTypes: this.registry.storedTypes(chosen.map((told) => told.from)),
      isPersonal: chosen.some(({ personal }) => personal),
      passes: (tells) => tells.some((told) => wanted.has(told)),
    };
    if (this.filters.size >= MOST_KEPT) this.filters.clear();
    this.filters.set(key, filter);
    return filter;
  }
}

const PREFIX = 'guanxi.';
const MOST_KEPT = 1_000;

function refuseUnknown(
  field: string,
  rule: string,
  named: readonly string[] | undefined,
  known: readonly string[],
): void {
  const unknown = named?.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  const message = `must be among ${known.join(', ')}; ${JSON.stringify(unknown.slice(0, 100))} is not`;
  throw inputInvalid([{ field, rule, pointer: `/${field}`, message }]);
}

function notInTopics(type: string, topic: string | undefined): DomainError {
  const message = `must go to one of the topics asked for; ${type} goes to ${topic}`;
  return inputInvalid([{ field: 'types', rule: 'inTopics', pointer: '/types', message }]);
}

const needsPrivacy = (): DomainError =>
  new DomainError(
    'auth.role-missing',
    'forbidden',
    'a topic that tells who a person is needs a key with the role privacy',
    { needs: ['privacy'] },
  );
