import type { Deprecation, Publication } from './contract';
import { contractName, keyOf } from './contract';
import type { JsonSchema } from './json-schema';
import { jsonSchemaOf } from './json-schema';

/** A topic as it was published. */
export interface PublishedTopic {
  readonly name: string;
  readonly partitions: number;
}

/** A contract as it was published: all that readers rely on. */
export interface PublishedContract {
  /** `deal-won.v1` */
  readonly contract: string;
  readonly topic: string;
  /** `deal-{id}` */
  readonly key: string;
  readonly deprecated?: Deprecation;
  readonly schema: JsonSchema;
}

/** What has been published, as `published.json` keeps it. */
export interface Published {
  readonly topics: readonly PublishedTopic[];
  readonly contracts: readonly PublishedContract[];
  /** Contracts that are no longer published: their names stay taken. */
  readonly withdrawn: readonly string[];
}

export const NOTHING_PUBLISHED: Published = { topics: [], contracts: [], withdrawn: [] };

/**
 * What the code publishes now, in an order that does not depend on that of the code.
 * @param before what was published: what of it is gone is withdrawn
 */
export function publishedOf(publications: readonly Publication[], before = NOTHING_PUBLISHED): Published {
  const topics = publications.map(({ topic: { name, partitions } }) => ({ name, partitions }));
  const contracts = publications.flatMap(({ topic, events }) =>
    events.map((event) => ({
      contract: contractName(event),
      topic: topic.name,
      key: keyOf(event),
      ...(event.deprecated && { deprecated: event.deprecated }),
      schema: jsonSchemaOf(event),
    })),
  );
  const names = new Set(contracts.map(({ contract }) => contract));
  const gone = before.contracts.map(({ contract }) => contract).filter((name) => !names.has(name));
  return {
    topics: topics.sort((a, b) => compare(a.name, b.name)),
    contracts: contracts.sort((a, b) => compare(a.contract, b.contract)),
    withdrawn: [...new Set([...before.withdrawn, ...gone])].sort(compare),
  };
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
