import type { Admin } from 'kafkajs';
import { ConfigResourceTypes } from 'kafkajs';
import type { Topic } from '../contracts/contract';
import { PublisherError } from '../relay/publisher';

/** What a topic is like on the brokers. */
export interface FoundTopic {
  readonly partitions: number;
  /** Bytes of the largest batch that it takes. */
  readonly largest: number;
  /** Whether it was missing, and has been made. */
  readonly isMade: boolean;
  /** Whether nothing was ever written to it. */
  readonly isNew: boolean;
  /** What consumers were promised of it, and it does not keep; for whoever operates it. */
  readonly warning?: string;
}

/** Where relays keep how far they have come; compacted, so that it stays short. */
export const CHECKPOINT_TOPIC = 'guanxi.relay.checkpoints';

const DEFAULT_LARGEST = 1_048_588;
const DAY_MILLISECONDS = 86_400_000;
/** Time for a reader to get from the start of the checkpoint topic to its end. */
const TOMBSTONE_MILLISECONDS = 600_000;
/** The part that is written to is never compacted: it is kept short. */
const SEGMENT_BYTES = 4_194_304;

/**
 * Makes what is missing and looks at what is there.
 * @throws PublisherError `refused` for a topic with another partition count or one that keeps only the last event of a
 * key, or a checkpoint topic that forgets or is gone while what it told of is not
 */
export async function prepareTopics(
  admin: Admin,
  topics: readonly Topic[],
): Promise<ReadonlyMap<string, FoundTopic>> {
  if (topics.some(({ name }) => name === CHECKPOINT_TOPIC))
    throw new PublisherError(
      'refused',
      `topic ${CHECKPOINT_TOPIC} is where relays keep how far they have come`,
    );
  const names = [...topics.map(({ name }) => name), CHECKPOINT_TOPIC];
  const existing = new Set(await admin.listTopics());
  const isNew = await newOf(
    admin,
    names.filter((name) => existing.has(name)),
  );
  refuseForgotten(topics, isNew);
  const missing = [...topics.map(declared), CHECKPOINTS].filter(({ topic }) => !existing.has(topic));
  if (missing.length > 0) await admin.createTopics({ topics: missing, waitForLeaders: true });
  const { topics: found } = await admin.fetchTopicMetadata({ topics: names });
  const partitions = new Map(found.map((topic) => [topic.name, topic.partitions.length]));
  for (const { name, partitions: wanted } of topics) refuseOthers(name, wanted, partitions.get(name));
  refuseOthers(CHECKPOINT_TOPIC, 1, partitions.get(CHECKPOINT_TOPIC));
  const settings = await settingsOf(admin, names);
  const policy = settings.get(CHECKPOINT_TOPIC)?.get('cleanup.policy');
  if (policy !== undefined && policy !== 'compact')
    throw new PublisherError(
      'refused',
      `topic ${CHECKPOINT_TOPIC} has cleanup.policy=${policy}, so that it forgets how far we have come; set it to compact`,
    );
  for (const { name } of topics) refuseCompacted(name, settings.get(name)?.get('cleanup.policy'));
  const warnings = new Map(topics.map((topic) => [topic.name, shorterThan(topic, settings.get(topic.name))]));
  return new Map(
    names.map((name) => {
      const warning = warnings.get(name);
      const largest = Number(settings.get(name)?.get('max.message.bytes') ?? DEFAULT_LARGEST);
      const isMade = !existing.has(name);
      return [
        name,
        {
          ...{ partitions: partitions.get(name) ?? 1, largest, isMade, isNew: isNew.get(name) ?? true },
          ...(warning !== undefined && { warning }),
        },
      ];
    }),
  );
}

/** By topic whether nothing was ever written to it. */
async function newOf(admin: Admin, names: readonly string[]): Promise<ReadonlyMap<string, boolean>> {
  const found = new Map<string, boolean>();
  for (const name of names) {
    const offsets = await admin.fetchTopicOffsets(name);
    found.set(
      name,
      offsets.every(({ high }) => high === '0'),
    );
  }
  return found;
}

/** Without a checkpoint everything is published; beside what was published before, that would be for the second time. */
function refuseForgotten(topics: readonly Topic[], isNew: ReadonlyMap<string, boolean>): void {
  if (isNew.get(CHECKPOINT_TOPIC) === false) return;
  const written = topics.find(({ name }) => isNew.get(name) === false);
  if (written)
    throw new PublisherError(
      'refused',
      `topic ${written.name} has messages, but ${CHECKPOINT_TOPIC}, which told how far they go, is gone: all would be ` +
        'published a second time. Bring it back, or delete the topics that are published to as well, so that all is ' +
        'published anew',
    );
}

interface NewTopic {
  readonly topic: string;
  readonly numPartitions: number;
  readonly configEntries: { name: string; value: string }[];
}

const declared = ({ name, partitions, retentionDays }: Topic): NewTopic => ({
  topic: name,
  numPartitions: partitions,
  configEntries: [
    { name: 'cleanup.policy', value: 'delete' },
    { name: 'retention.ms', value: String(retentionDays * DAY_MILLISECONDS) },
  ],
});

const CHECKPOINTS: NewTopic = {
  topic: CHECKPOINT_TOPIC,
  numPartitions: 1,
  configEntries: [
    { name: 'cleanup.policy', value: 'compact' },
    { name: 'segment.bytes', value: String(SEGMENT_BYTES) },
    { name: 'delete.retention.ms', value: String(TOMBSTONE_MILLISECONDS) },
    { name: 'min.cleanable.dirty.ratio', value: '0.1' },
  ],
};

function refuseOthers(name: string, wanted: number, found: number | undefined): void {
  if (found === wanted) return;
  const has = found === undefined ? 'cannot be seen' : `has ${found} partitions`;
  throw new PublisherError(
    'refused',
    `topic ${name} ${has} on the brokers, but ${wanted} are declared: events of one key would change their partition ` +
      'and lose their order. Declare as many as there are, or publish to a new topic',
  );
}

function refuseCompacted(name: string, policy = ''): void {
  if (!policy.split(',').includes('compact')) return;
  throw new PublisherError(
    'refused',
    `topic ${name} has cleanup.policy=${policy}, so that it forgets all but the last event of a key; set it to delete`,
  );
}

/** Somebody may have made the topic, or changed it; a readers' rule is the declared one. */
function shorterThan(
  { name, retentionDays }: Topic,
  settings: ReadonlyMap<string, string> | undefined,
): string | undefined {
  const time = Number(settings?.get('retention.ms') ?? -1);
  const bytes = Number(settings?.get('retention.bytes') ?? -1);
  const told: string[] = [];
  if (time >= 0 && time < retentionDays * DAY_MILLISECONDS) told.push(`retention.ms=${time}`);
  if (bytes >= 0) told.push(`retention.bytes=${bytes}`);
  if (told.length === 0) return undefined;
  return (
    `topic ${name} has ${told.join(' and ')}, and its readers were told that events are kept for ${retentionDays} days: ` +
    'who is away for less than that may miss some'
  );
}

/** Settings by topic; without those that we are not allowed to see. */
async function settingsOf(
  admin: Admin,
  names: readonly string[],
): Promise<ReadonlyMap<string, ReadonlyMap<string, string>>> {
  try {
    const { resources } = await admin.describeConfigs({
      includeSynonyms: false,
      resources: names.map((name) => ({
        type: ConfigResourceTypes.TOPIC,
        name,
        configNames: ['cleanup.policy', 'max.message.bytes', 'retention.ms', 'retention.bytes'],
      })),
    });
    return new Map(
      resources.map(({ resourceName, configEntries }) => [
        resourceName,
        new Map(configEntries.map(({ configName, configValue }) => [configName, configValue])),
      ]),
    );
  } catch (error) {
    // To look at settings may be forbidden; what is too large is then told by the broker.
    if (error instanceof Error && 'type' in error && String(error.type).endsWith('AUTHORIZATION_FAILED'))
      return new Map();
    throw error;
  }
}
