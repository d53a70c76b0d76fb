import type { Kafka } from 'kafkajs';
import { PublisherError } from '../relay/publisher';
import type { RelayState } from '../relay/publisher';
import { StateReader } from './state-codec';
import { CHECKPOINT_TOPIC } from './topics';

const PATIENCE_MILLISECONDS = 60_000;
const LONGEST_POLL_MILLISECONDS = 50;

/** Where to read up to: the record that the reader's own producer has just committed. */
export interface Mark {
  readonly key: string;
  readonly value: string;
}

/**
 * Reads the checkpoint topic from its start to a mark that was committed by who reads. All that is committed before the
 * mark is read then, and nothing can come behind it but from the one who has set it.
 * @param group a consumer group that nobody else has
 */
export async function readState(
  kafka: Kafka,
  { group, prefix, mark }: { readonly group: string; readonly prefix: string; readonly mark: Mark },
  signal: AbortSignal,
): Promise<RelayState> {
  const reader = new StateReader(prefix);
  const consumer = kafka.consumer({
    groupId: group,
    maxWaitTimeInMs: LONGEST_POLL_MILLISECONDS,
    readUncommitted: false,
    allowAutoTopicCreation: false,
  });
  let timer: NodeJS.Timeout | undefined;
  let onAbort: (() => void) | undefined;
  try {
    await consumer.connect();
    await consumer.subscribe({ topics: [CHECKPOINT_TOPIC], fromBeginning: true });
    const reached = new Promise<void>((resolve, reject) => {
      onAbort = () => {
        reject(new PublisherError('away', 'opening was given up'));
      };
      signal.addEventListener('abort', onAbort, { once: true });
      if (signal.aborted) onAbort();
      timer = setTimeout(() => {
        reject(new PublisherError('away', `topic ${CHECKPOINT_TOPIC} could not be read to its end in time`));
      }, PATIENCE_MILLISECONDS);
      consumer.on(consumer.events.CRASH, ({ payload: { error, restart } }) => {
        if (!restart) reject(error);
      });
      consumer
        .run({
          autoCommit: false,
          eachBatchAutoResolve: true,
          eachBatch: ({ batch }) => {
            try {
              for (const { key, value } of batch.messages) {
                const record = { key: String(key), value: value === null ? null : String(value) };
                if (record.key === mark.key && record.value === mark.value) resolve();
                else reader.take(record);
              }
            } catch (error) {
              reject(refusal(error));
            }
            return Promise.resolve();
          },
        })
        .catch(reject);
    });
    await reached;
    return reader.state;
  } finally {
    clearTimeout(timer);
    if (onAbort) signal.removeEventListener('abort', onAbort);
    await consumer.disconnect().catch(() => undefined);
  }
}

const refusal = (error: unknown): PublisherError =>
  new PublisherError(
    'refused',
    error instanceof Error ? error.message : 'the checkpoint topic cannot be read',
    {
      cause: error,
    },
  );
