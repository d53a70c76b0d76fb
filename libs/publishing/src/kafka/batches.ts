import type { Message, TopicMessages } from 'kafkajs';
import type { Outgoing } from '../relay/outgoing';
import type { StateRecord } from './state-codec';
import type { FoundTopic } from './topics';
import { partitionOf } from './partition';
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
