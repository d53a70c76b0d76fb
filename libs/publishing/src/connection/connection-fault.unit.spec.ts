import {
  KafkaJSConnectionError,
  KafkaJSNonRetriableError,
  KafkaJSNumberOfRetriesExceeded,
  KafkaJSProtocolError,
} from 'kafkajs';
import { isPassing } from '../client/membership';
import { failureOf } from '../kafka/failures';
import { clientConfig } from './client-config';
import { connectionFault, hungUpHint } from './connection-fault';
import type { KafkaConnection } from './kafka-connection';

const brokers = ['kafka.example:9093'];
const sasl = { mechanism: 'scram-sha-256', username: 'me', password: 'hunter2' } as const;
const full: KafkaConnection = { brokers, tls: {}, sasl };

const connectionError = (message: string, code?: string): KafkaJSConnectionError =>
  new KafkaJSConnectionError(`Connection error: ${message}`, {
    broker: 'kafka.example:9093',
    ...(code !== undefined && { code }),
  });
const loginError = (message: string): KafkaJSNonRetriableError =>
  Object.assign(new KafkaJSNonRetriableError(message), { name: 'KafkaJSSASLAuthenticationError' });
const protocolError = (type: string): KafkaJSProtocolError =>
  new KafkaJSProtocolError(Object.assign(new Error(type), { type, code: 0 }));

it.each([
  ['CERT_HAS_EXPIRED', 'ca'],
  ['SELF_SIGNED_CERT_IN_CHAIN', 'ca'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'host'],
])('a certificate with %s points to %s', (code, part) => {
  const error = connectionError('some words', code);
  expect(connectionFault(error, full)?.part).toBe(part);
  const wrapped = new KafkaJSNumberOfRetriesExceeded(error, { retryCount: 24, retryTime: 400 });
  expect(connectionFault(wrapped, full)?.part).toBe(part);
  expect(failureOf(wrapped, 'sending', full).kind).toBe('refused');
});

it.each([
  'write EPROTO 139:error:0A00010B:SSL routines:ssl3_get_record:wrong version number:ssl3_record.c:354:',
  'Client network socket disconnected before secure TLS connection was established',
])('a port without TLS is waited for: %s', (message) => {
  const failure = failureOf(connectionError(message, 'EPROTO'), 'sending', full);
  expect(failure).toMatchObject({ kind: 'away', message: expect.stringContaining('does not speak TLS') });
});

it.each(['tlsv13 alert certificate required', 'tlsv1 alert unknown ca', 'sslv3 alert bad certificate'])(
  'our certificate is refused: %s',
  (words) => {
    const error = connectionError(`807C:error:0A00045C:SSL routines:ssl3_read_bytes:${words}:rec.c:1601:`);
    expect(connectionFault(error, full)?.part).toBe('identity');
  },
);

it.each([
  [loginError('SASL SCRAM SHA256 authentication failed: invalid'), 'password'],
  [loginError('SASL SCRAM-SHA-256 mechanism is not supported by the server'), 'mechanism'],
  [protocolError('UNSUPPORTED_SASL_MECHANISM'), 'mechanism'],
  [protocolError('ILLEGAL_SASL_STATE'), 'no-login'],
  [protocolError('SASL_AUTHENTICATION_FAILED'), 'password'],
])('a login that is refused (%s) points to %s, and what the broker wrote is not repeated', (error, part) => {
  const fault = connectionFault(new Error('outer', { cause: error }), full);
  expect(fault?.part).toBe(part);
  expect(fault?.words).not.toContain(error.message);
  expect(failureOf(error, 'sending', full).kind).toBe('refused');
});

it.each(['Closed connection', 'Connection error: read ECONNRESET', 'Request SaslAuthenticate timed out'])(
  'a login that is broken off is no refusal: %s',
  (reason) => {
    const error = loginError(`SASL PLAIN authentication failed: ${reason}`);
    expect(connectionFault(error, full)).toBeUndefined();
    expect(failureOf(error, 'sending', full).kind).toBe('away');
    expect(isPassing(error)).toBe(true);
  },
);

it('a lost connection is not taken for another fault, and hints at what is not set', () => {
  const refused = connectionError('connect ECONNREFUSED 127.0.0.1:9092', 'ECONNREFUSED');
  expect(connectionFault(refused, full)).toBeUndefined();
  expect(hungUpHint(refused, { brokers })).toBeUndefined();
  const reset = connectionError('read ECONNRESET', 'ECONNRESET');
  expect(hungUpHint(reset, { brokers })).toMatch(/wants TLS or a SASL login$/);
  expect(hungUpHint(reset, { brokers, tls: {} })).toMatch(/wants a SASL login$/);
  expect(hungUpHint(reset, full)).toBeUndefined();
});

describe('what kafkajs is given', () => {
  it('has neither TLS nor a login unless they are wanted', () => {
    expect(clientConfig({ brokers })).toEqual({ brokers });
  });

  it('looks at certificates, by the authorities of Node.js or by those that are named', () => {
    expect(clientConfig({ brokers, tls: {} })).toEqual({ brokers, ssl: { rejectUnauthorized: true } });
    const tls = { ca: 'CA', identity: { cert: 'CERT', key: 'KEY' } };
    expect(clientConfig({ brokers, tls }).ssl).toEqual({
      ...{ rejectUnauthorized: true, ca: 'CA', cert: 'CERT', key: 'KEY' },
    });
  });

  it.each(['plain', 'scram-sha-256', 'scram-sha-512'] as const)(
    'has a login by %s, in an object of its own',
    (mechanism) => {
      const login = Object.freeze({ mechanism, username: 'me', password: 'hunter2' });
      const config = clientConfig({ brokers, sasl: login });
      expect(config.sasl).toEqual(login);
      expect(config.sasl).not.toBe(login);
    },
  );
});
