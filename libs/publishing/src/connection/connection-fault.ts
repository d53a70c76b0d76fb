import type { ChainedError } from './error-chain';
import { errorChain } from './error-chain';
import type { KafkaConnection } from './kafka-connection';

/** Which part of a connection is to be looked at. */
export type ConnectionPart = 'password' | 'mechanism' | 'no-login' | 'ca' | 'host' | 'no-tls' | 'identity';

/** Why brokers and we do not come together, although something listens there. */
export interface ConnectionFault {
  readonly part: ConnectionPart;
  /** For people; never holds a secret, nor anything that the brokers wrote. */
  readonly words: string;
}

/**
 * Finds out whether a failure is one of TLS or of the login, which only another setting mends.
 * @param error what kafkajs threw
 */
export function connectionFault(error: unknown, connection: KafkaConnection): ConnectionFault | undefined {
  for (const each of errorChain(error)) {
    const fault = loginFault(each, connection) ?? tlsFault(each);
    if (fault) return fault;
  }
  return undefined;
}

/** Whether a login was broken off: kafkajs calls that a refusal, but the broker has only gone. */
export const isBrokenLogin = (error: unknown): boolean =>
  errorChain(error).some(({ name, message }) => name === LOGIN_FAILED && BROKEN_OFF.test(message));

/** What a broker may want that took our connection and ended it without a word; undefined for other failures. */
export function hungUpHint(error: unknown, { tls, sasl }: KafkaConnection): string | undefined {
  const isHungUp = errorChain(error).some(
    ({ name, code }) =>
      name === 'KafkaJSConnectionClosedError' || (name === 'KafkaJSConnectionError' && code === 'ECONNRESET'),
  );
  const missing = [...(tls ? [] : ['TLS']), ...(sasl ? [] : ['a SASL login'])];
  if (!isHungUp || missing.length === 0) return undefined;
  return `it hangs up on us: if that stays so, it wants ${missing.join(' or ')}`;
}

const LOGIN_FAILED = 'KafkaJSSASLAuthenticationError';
const BROKEN_OFF = /failed: (?:Closed connection|Connection |Request )/;
const UNKNOWN_MECHANISM = /mechanism is not supported by the server/;

function loginFault(
  { name, type, message }: ChainedError,
  { sasl }: KafkaConnection,
): ConnectionFault | undefined {
  const mechanism = (sasl?.mechanism ?? '').toUpperCase();
  if (type === 'ILLEGAL_SASL_STATE')
    return sasl
      ? { part: 'no-login', words: 'the brokers take no SASL login on this port' }
      : { part: 'no-login', words: 'the brokers want a SASL login on this port' };
  if (type === 'UNSUPPORTED_SASL_MECHANISM' || (name === LOGIN_FAILED && UNKNOWN_MECHANISM.test(message)))
    return { part: 'mechanism', words: `the brokers know no SASL login by ${mechanism}` };
  if (type === 'SASL_AUTHENTICATION_FAILED' || (name === LOGIN_FAILED && !BROKEN_OFF.test(message)))
    return {
      part: 'password',
      words: `the brokers do not accept this SASL user and password by ${mechanism}`,
    };
  return undefined;
}

const UNTRUSTED = new Set([
  ...['DEPTH_ZERO_SELF_SIGNED_CERT', 'SELF_SIGNED_CERT_IN_CHAIN', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'],
  ...['UNABLE_TO_GET_ISSUER_CERT', 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY', 'CERT_UNTRUSTED', 'INVALID_CA'],
  ...[
    'CERT_SIGNATURE_FAILURE',
    'UNABLE_TO_DECODE_ISSUER_PUBLIC_KEY',
    'CERT_CHAIN_TOO_LONG',
    'INVALID_PURPOSE',
  ],
]);
const OUT_OF_DATE = new Set(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID']);

/** What Node.js and OpenSSL say of a port that answers something else, or hangs up on the first message of TLS. */
const SPEAKS_NO_TLS =
  /before secure TLS connection was established|wrong version number|packet length too long|record layer failure/i;

/** What a broker answers to a certificate of ours, or to the lack of one. */
const OURS_REFUSED =
  /alert (?:certificate required|bad certificate|certificate unknown|unknown ca|unsupported certificate|certificate expired|certificate revoked|access denied)/i;

function tlsFault({ code, message }: ChainedError): ConnectionFault | undefined {
  const name = typeof code === 'string' ? code : '';
  if (UNTRUSTED.has(name))
    return {
      part: 'ca',
      words: `the certificate of the brokers is not of an authority that is trusted here (${name})`,
    };
  if (OUT_OF_DATE.has(name))
    return {
      part: 'ca',
      words: `the certificate of the brokers, or of its authority, is not valid now (${name})`,
    };
  if (name === 'ERR_TLS_CERT_ALTNAME_INVALID')
    return {
      part: 'host',
      words: 'the certificate of the brokers is for other host names than they were reached by',
    };
  if (OURS_REFUSED.test(message))
    return { part: 'identity', words: 'the brokers want a certificate of ours that they trust' };
  if (SPEAKS_NO_TLS.test(message))
    return { part: 'no-tls', words: 'what answers there does not speak TLS on this port' };
  return undefined;
}
