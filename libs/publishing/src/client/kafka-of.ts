import type { Admin } from 'kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import { clientConfig } from '../connection/client-config';
import type { ConsumerOptions } from './options';

/** kafkajs for a consumer; what it would log, the consumer tells in words of its own. */
export const kafkaOf = (options: ConsumerOptions): Kafka =>
  new Kafka({
    ...clientConfig(options),
    clientId: options.groupId,
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    retry: { initialRetryTime: 100, retries: 5, maxRetryTime: 2_000 },
  });

/** Asks Kafka something over a connection of its own. */
export async function withAdmin<R>(kafka: Kafka, ask: (admin: Admin) => Promise<R>): Promise<R> {
  const admin = kafka.admin();
  try {
    await admin.connect();
    return await ask(admin);
  } finally {
    await admin.disconnect().catch(() => undefined);
  }
}
