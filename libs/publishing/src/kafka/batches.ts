import type { Message, PartitionMetadata, TopicMessages } from 'kafkajs';
import { Partitioners } from 'kafkajs';
import type { Outgoing } from '../relay/outgoing';
import type { StateRecord } from './state-codec';
import type { FoundTopic } from './topics';
import { CHECKPOINT_TOPIC } from './topics';

/**
 * Messages as kafkajs sends them, in as few requests as the topics allow: of one request it makes one batch for each
 * partition, and a topic's limit is one of batches. What goes in one partition keeps its order. The state comes last.
 */
export function batchesOf(
  messages: readonly Outgoing[],
  records: readonly StateRecord[],
  topics: ReadonlyMap<string, FoundTopic>,
): readonly TopicMessages[][] {
  const requests: TopicMessages[][] = [];
  let byTopic = new Map<string, Message[]>();
  let sizes = new Map<string, number>();
  const close = (): void => {
    requests.push([...byTopic].map(([topic, own]) => ({ topic, messages: own })));
    byTopic = new Map();
    sizes = new Map();
  };
  for (const { topic, key, value, headers, bytes } of messages) {
    const { partitions = 1, largest = 0 } = topics.get(topic) ?? {};
    const partition = partitionOf(key, partitions);
    const place = `${topic}/${partition}`;
    if ((sizes.get(place) ?? 0) + bytes > largest && byTopic.size > 0) close();
    sizes.set(place, (sizes.get(place) ?? 0) + bytes);
    const own = byTopic.get(topic);
    const message = { key, value, headers, partition };
    if (own) own.push(message);
    else byTopic.set(topic, [message]);
  }
  if (records.length > 0)
    byTopic.set(
      CHECKPOINT_TOPIC,
      records.map(({ key, value }) => ({ key, value, partition: 0 })),
    );
  if (byTopic.size > 0) close();
  return requests;
}

const NO_METADATA = { partitionErrorCode: 0, leader: 0, replicas: [], isr: [] };
const partitioner = Partitioners.DefaultPartitioner();
const placeholders = new Map<number, PartitionMetadata[]>();

/** Where the clients of Kafka put a key: murmur2, as the Java client does it. */
function partitionOf(key: string, partitions: number): number {
  let partitionMetadata = placeholders.get(partitions);
  if (!partitionMetadata) {
    partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      ...NO_METADATA,
      partitionId,
    }));
    placeholders.set(partitions, partitionMetadata);
  }
  return partitioner({ topic: '', partitionMetadata, message: { key, value: null } });
}
