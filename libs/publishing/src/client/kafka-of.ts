import type { Admin } from 'kafkajs';
import { Kafka, logLevel } from 'kafkajs';
import type { ConsumerOptions } from './options';

/** kafkajs for a consumer; what it would log, the consumer tells in words of its own. */
export const kafkaOf = ({ brokers, groupId, tls = false, login }: ConsumerOptions): Kafka =>
  new Kafka({
    brokers: [...brokers],
    clientId: groupId,
    ssl: tls,
    ...(login && { sasl: saslOf(login) }),
    logLevel: logLevel.NOTHING,
    connectionTimeout: 3_000,
    retry: { initialRetryTime: 100, retries: 5, maxRetryTime: 2_000 },
  });

/** kafkajs wants one type for each mechanism. */
function saslOf({ mechanism, username, password }: NonNullable<ConsumerOptions['login']>) {
  if (mechanism === 'plain') return { mechanism, username, password } as const;
  if (mechanism === 'scram-sha-256') return { mechanism, username, password } as const;
  return { mechanism, username, password } as const;
}

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
