import { readFileSync } from 'node:fs';
import type { KafkaConnection, KafkaLogin, KafkaTls } from '@guanxi/publishing';

/** Where Kafka is and how it is reached, by the same variables as the product has. */
export function connectionOf(env: NodeJS.ProcessEnv): KafkaConnection {
  return {
    brokers: required(env, 'KAFKA_BROKERS').split(','),
    ...(env['KAFKA_TLS'] === 'true' && { tls: tlsOf(env) }),
    ...(isSet(env, 'KAFKA_SASL_MECHANISM') && { sasl: loginOf(env) }),
  };
}

/** The value of a variable that must not be missing. */
export function required(env: NodeJS.ProcessEnv, name: string): string {
  const value = env[name];
  if (value === undefined || value === '') throw new Error(`${name} must be set`);
  return value;
}

const isSet = (env: NodeJS.ProcessEnv, name: string): boolean => (env[name] ?? '') !== '';

function tlsOf(env: NodeJS.ProcessEnv): KafkaTls {
  const file = (name: string): string => readFileSync(required(env, name), 'utf8');
  return {
    ...(isSet(env, 'KAFKA_TLS_CA') && { ca: file('KAFKA_TLS_CA') }),
    ...(isSet(env, 'KAFKA_TLS_CERT') && {
      identity: { cert: file('KAFKA_TLS_CERT'), key: file('KAFKA_TLS_KEY') },
    }),
  };
}

function loginOf(env: NodeJS.ProcessEnv): KafkaLogin {
  const wanted = required(env, 'KAFKA_SASL_MECHANISM').toLowerCase();
  const mechanism = (['plain', 'scram-sha-256', 'scram-sha-512'] as const).find((each) => each === wanted);
  if (mechanism === undefined)
    throw new Error('KAFKA_SASL_MECHANISM must be plain, scram-sha-256 or scram-sha-512');
  return {
    ...{ mechanism, username: required(env, 'KAFKA_SASL_USERNAME') },
    password: required(env, 'KAFKA_SASL_PASSWORD'),
  };
}
