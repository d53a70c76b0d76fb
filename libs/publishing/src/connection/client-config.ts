import type { KafkaConfig, SASLOptions } from 'kafkajs';
import type { KafkaConnection, KafkaLogin, KafkaTls } from './kafka-connection';

/** The part of kafkajs' settings that says where Kafka is and how it is reached. */
export const clientConfig = ({
  brokers,
  tls,
  sasl,
}: KafkaConnection): Pick<KafkaConfig, 'brokers' | 'ssl' | 'sasl'> => ({
  brokers: [...brokers],
  ...(tls && { ssl: sslOf(tls) }),
  ...(sasl && { sasl: saslOf(sasl) }),
});

/** A certificate is looked at whatever NODE_TLS_REJECT_UNAUTHORIZED says: a password goes over this connection. */
const sslOf = ({ ca, identity }: KafkaTls) => ({
  rejectUnauthorized: true,
  ...(ca !== undefined && { ca }),
  ...identity,
});

/** kafkajs wants one type for each mechanism; it also keeps something in the object, so that it gets one of its own. */
function saslOf({ mechanism, username, password }: KafkaLogin): SASLOptions {
  if (mechanism === 'plain') return { mechanism, username, password };
  if (mechanism === 'scram-sha-256') return { mechanism, username, password };
  return { mechanism, username, password };
}
