import type { Published, PublishedContract } from './published';
import type { SchemaRule } from './schema-changes';
import { breakingChanges } from './schema-changes';

/** Which promise to readers is broken. */
export type BreachRule =
  | SchemaRule
  | 'contract-removed'
  | 'name-taken'
  | 'topic-changed'
  | 'key-changed'
  | 'schema-id-changed'
  | 'partitions-changed'
  | 'deprecation-shortened'
  | 'deprecation-unclear';

/** A change that readers of what was published cannot bear. */
export interface Breach {
  readonly rule: BreachRule;
  /** The contract, or the topic. */
  readonly of: string;
  /** `value.currency`; absent where all of it is meant. */
  readonly field?: string;
  /** A line for people: what is broken, and what to do. */
  readonly message: string;
}

/**
 * What the code of now breaks of what was published. Accepted are new optional fields, new contracts, new versions beside
 * old ones, and the end of a contract that was deprecated until a day that is over.
 * @param today `YYYY-MM-DD`
 */
export function breachesOf(before: Published, now: Published, today: string): readonly Breach[] {
  const next = new Map(now.contracts.map((each) => [each.contract, each]));
  return [
    ...before.contracts.flatMap((each) => {
      const then = next.get(each.contract);
      return then ? contractBreaches(each, then, today) : removalBreaches(each, today);
    }),
    ...nameBreaches(before, next),
    ...topicBreaches(before, now),
    ...now.contracts.flatMap((each) => deprecationBreaches(each, next)),
  ];
}

function contractBreaches(
  before: PublishedContract,
  now: PublishedContract,
  today: string,
): readonly Breach[] {
  const { contract } = before;
  const beside = `Leave ${contract} as it is and publish ${nextVersion(contract)} beside it`;
  const breaches: Breach[] = breakingChanges(before.schema, now.schema).map(({ rule, field, what }) => ({
    ...{ rule, of: contract, field },
    message: `${contract}: ${field === '' ? 'its data' : `field ${field}`} ${what} (${rule}). ${beside}.`,
  }));
  if (before.topic !== now.topic)
    breaches.push({
      ...{ rule: 'topic-changed', of: contract },
      message: `${contract}: its topic was ${before.topic}, is ${now.topic} (topic-changed). ${beside}, in the new topic.`,
    });
  if (before.key !== now.key)
    breaches.push({
      ...{ rule: 'key-changed', of: contract },
      message: `${contract}: its key was ${before.key}, is ${now.key} (key-changed): readers keep order and tables by it. ${beside}, under the new key.`,
    });
  if (before.schema.$id !== now.schema.$id)
    breaches.push({
      ...{ rule: 'schema-id-changed', of: contract },
      message: `${contract}: the $id of its schema was ${String(before.schema.$id)}, is ${String(now.schema.$id)} (schema-id-changed): readers find the schema by it. ${beside}.`,
    });
  const promised = before.deprecated?.until;
  const until = now.deprecated?.until;
  if (promised !== undefined && until !== undefined && until < promised && promised >= today)
    breaches.push({
      ...{ rule: 'deprecation-shortened', of: contract },
      message: `${contract}: it was to be published until ${promised}, now until ${until} (deprecation-shortened). Keep to the day that readers were told, or a later one.`,
    });
  if (promised === undefined && until !== undefined && until < today)
    breaches.push({
      ...{ rule: 'deprecation-shortened', of: contract },
      message: `${contract}: it is to be published until ${until}, a day that is over, and no reader was told (deprecation-shortened). Name a day that leaves them time.`,
    });
  return breaches;
}

function removalBreaches({ contract, deprecated }: PublishedContract, today: string): readonly Breach[] {
  if (deprecated && deprecated.until < today) return [];
  const why = deprecated
    ? `it is published until ${deprecated.until}. Keep it until that day is over`
    : `nobody was told. Put it back with deprecated: { inFavourOf, until }, write the contracts, and take it away when that day is over`;
  return [
    {
      rule: 'contract-removed',
      of: contract,
      message: `${contract}: it is gone (contract-removed), but ${why}.`,
    },
  ];
}

/** Readers may still hold what was told under the name. */
const nameBreaches = (
  { withdrawn }: Published,
  known: ReadonlyMap<string, PublishedContract>,
): readonly Breach[] =>
  withdrawn
    .filter((contract) => known.has(contract))
    .map((contract) => ({
      ...{ rule: 'name-taken' as const, of: contract },
      message: `${contract}: a contract of this name was published and withdrawn (name-taken). Publish ${nextVersion(contract)}.`,
    }));

/** Partitions decide which one a key goes to; with another count, a key's order is lost. */
function topicBreaches(before: Published, now: Published): readonly Breach[] {
  const next = new Map(now.topics.map(({ name, partitions }) => [name, partitions]));
  return before.topics.flatMap(({ name, partitions }) => {
    const then = next.get(name) ?? partitions;
    return then === partitions
      ? []
      : [
          {
            ...{ rule: 'partitions-changed' as const, of: name },
            message: `${name}: it had ${partitions} partitions, has ${then} (partitions-changed): keys would move and lose their order. Leave it as it is, or publish to a new topic.`,
          },
        ];
  });
}

function deprecationBreaches(
  { contract, deprecated }: PublishedContract,
  known: ReadonlyMap<string, PublishedContract>,
): readonly Breach[] {
  if (!deprecated) return [];
  const { inFavourOf, until } = deprecated;
  const unclear = (what: string): Breach => ({
    ...{ rule: 'deprecation-unclear', of: contract },
    message: `${contract}: ${what} (deprecation-unclear).`,
  });
  const isDay = /^\d{4}-\d{2}-\d{2}$/.test(until) && !Number.isNaN(Date.parse(until));
  return [
    ...(isDay
      ? []
      : [unclear(`deprecated.until must be a day such as 2027-12-31, and is ${JSON.stringify(until)}`)]),
    ...(known.has(inFavourOf) && inFavourOf !== contract
      ? []
      : [
          unclear(
            `deprecated.inFavourOf must name another contract that is published, and is ${JSON.stringify(inFavourOf)}`,
          ),
        ]),
  ];
}

const nextVersion = (contract: string): string =>
  contract.replace(/[.]v(\d+)$/, (_, version: string) => `.v${Number(version) + 1}`);
