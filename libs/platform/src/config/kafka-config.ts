import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { createSecureContext } from 'node:tls';
import type { KafkaConnection, KafkaLogin, KafkaMechanism, KafkaTls } from '@guanxi/publishing';
import { ConfigError, type ConfigProblem } from './config-error';
import { nearestName } from './nearest-name';
import { isHost, parsePort, parseSwitch } from './values';

/** Settings of a connection that are read where there are brokers. */
const KNOWN = [
  'KAFKA_TLS',
  'KAFKA_TLS_CA',
  'KAFKA_TLS_CERT',
  'KAFKA_TLS_KEY',
  'KAFKA_SASL_MECHANISM',
  'KAFKA_SASL_USERNAME',
  'KAFKA_SASL_PASSWORD',
] as const;

type Setting = (typeof KNOWN)[number];

const MECHANISMS: readonly KafkaMechanism[] = ['plain', 'scram-sha-256', 'scram-sha-512'];

const BROKERS_RULE =
  'must be addresses like kafka-1.example.com:9092, host and port each, with commas between them';
const FILE_RULE = 'must be the path of a file in PEM with';

/** What the environment says of Kafka, and what is wrong with that. */
export interface FoundKafka {
  /** Absent where no brokers are named, or something is wrong. */
  readonly kafka?: KafkaConnection;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Reads where Kafka is and how it is reached; files are read at once, so that a wrong one stops the start. Without
 * KAFKA_BROKERS nothing else is looked at.
 *
 * @param env usually `process.env`
 * @param cwd what relative paths are relative to
 */
export function readKafkaConfig(env: NodeJS.ProcessEnv, cwd: string = process.cwd()): FoundKafka {
  const text = env['KAFKA_BROKERS'] ?? '';
  if (text === '') return { problems: [] };
  const reader = new Reader(env, cwd);
  const brokers = parseBrokers(text);
  if (brokers === undefined) reader.wrong('KAFKA_BROKERS', BROKERS_RULE);
  const tls = tlsOf(reader);
  const sasl = saslOf(reader, tls !== undefined);
  const { problems } = reader;
  if (brokers === undefined || problems.length > 0) return { problems };
  return { kafka: { brokers, ...(tls && { tls }), ...(sasl && { sasl }) }, problems };
}

/**
 * The Kafka that the environment names; undefined where it names none.
 * @throws ConfigError naming every wrong variable with its rule, never a secret's value
 */
export function loadKafkaConfig(
  env: NodeJS.ProcessEnv,
  cwd: string = process.cwd(),
): KafkaConnection | undefined {
  const { kafka, problems } = readKafkaConfig(env, cwd);
  if (problems.length > 0) throw new ConfigError(problems);
  return kafka;
}

/**
 * Names that look like slips in those of the connection. Other programs have variables that begin with KAFKA_, too: so
 * these are hints, where a wrong GUANXI_ name stops the start.
 */
export function kafkaHints(env: NodeJS.ProcessEnv): readonly string[] {
  if ((env['KAFKA_BROKERS'] ?? '') === '') return [];
  const known: readonly string[] = KNOWN;
  return Object.keys(env)
    .filter((name) => /^KAFKA_(?:TLS|SASL)/.test(name) && !known.includes(name))
    .sort()
    .flatMap((name) => {
      const near = nearestName(name, KNOWN);
      return near === undefined ? [] : [`${name} is not known and changes nothing; did you mean ${near}?`];
    });
}

class Reader {
  readonly problems: ConfigProblem[] = [];

  constructor(
    private readonly env: NodeJS.ProcessEnv,
    private readonly cwd: string,
  ) {}

  /** What a variable says; one that is set to nothing counts as unset. */
  text(name: Setting): string | undefined {
    return this.env[name] === '' ? undefined : this.env[name];
  }

  wrong(variable: string, rule: string): void {
    this.problems.push({ variable, rule });
  }

  /** The text of a file that a variable names. Its path is not repeated: it may be a key that was put there by mistake. */
  file(name: Setting, what: string, fits: (pem: string) => boolean): string | undefined {
    const path = this.text(name);
    if (path === undefined) return undefined;
    try {
      const pem = readFileSync(resolve(this.cwd, path), 'utf8');
      if (fits(pem)) return pem;
      this.wrong(name, `${FILE_RULE} ${what}; this file is not`);
    } catch (error) {
      const code = typeof error === 'object' && error && 'code' in error ? error.code : 'unreadable';
      this.wrong(name, `${FILE_RULE} ${what}; it can't be read (${String(code)})`);
    }
    return undefined;
  }
}

function tlsOf(reader: Reader): KafkaTls | undefined {
  const text = reader.text('KAFKA_TLS');
  const isWanted = text === undefined ? false : parseSwitch(text);
  if (isWanted === undefined) reader.wrong('KAFKA_TLS', 'must be true or false');
  if (isWanted !== true) {
    for (const name of ['KAFKA_TLS_CA', 'KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'] as const)
      if (isWanted === false && reader.text(name) !== undefined)
        reader.wrong(name, 'has no effect without TLS: set KAFKA_TLS=true, too');
    return undefined;
  }
  const ca = reader.file('KAFKA_TLS_CA', 'certificates of authorities', hasCertificates);
  const cert = reader.file('KAFKA_TLS_CERT', 'a certificate, ours first', hasCertificates);
  const key = reader.file('KAFKA_TLS_KEY', 'a private key without a passphrase', isPrivateKey);
  alone(reader, 'KAFKA_TLS_CERT', 'KAFKA_TLS_KEY');
  if (cert === undefined || key === undefined) return ca === undefined ? {} : { ca };
  if (!belongTogether(cert, key)) reader.wrong('KAFKA_TLS_KEY', 'must be the key of KAFKA_TLS_CERT');
  return { ...(ca !== undefined && { ca }), identity: { cert, key } };
}

function saslOf(reader: Reader, isPrivate: boolean): KafkaLogin | undefined {
  const text = reader.text('KAFKA_SASL_MECHANISM');
  const [username, password] = [reader.text('KAFKA_SASL_USERNAME'), reader.text('KAFKA_SASL_PASSWORD')];
  if (text === undefined) {
    for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const)
      if (reader.text(name) !== undefined)
        reader.wrong(name, 'has no effect without KAFKA_SASL_MECHANISM: set that, too');
    return undefined;
  }
  const mechanism = MECHANISMS.find((each) => each === text.toLowerCase());
  if (mechanism === undefined)
    reader.wrong('KAFKA_SASL_MECHANISM', `must be one of ${MECHANISMS.join(', ')}`);
  // Whoever listens would have the password; SCRAM never sends it.
  if (mechanism === 'plain' && !isPrivate && reader.text('KAFKA_TLS') !== 'true')
    reader.wrong(
      'KAFKA_SASL_MECHANISM',
      'must not be plain without TLS, as it sends the password in the clear: set KAFKA_TLS=true, or use scram-sha-512',
    );
  for (const name of ['KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'] as const)
    if (reader.text(name) === undefined) reader.wrong(name, 'must be set where KAFKA_SASL_MECHANISM is');
  return mechanism === undefined || username === undefined || password === undefined
    ? undefined
    : { mechanism, username, password };
}

/** Both or none. */
function alone(reader: Reader, one: Setting, other: Setting): void {
  for (const [is, isNot] of [
    [one, other],
    [other, one],
  ] as const)
    if (reader.text(is) !== undefined && reader.text(isNot) === undefined)
      reader.wrong(isNot, `must be set where ${is} is`);
}

const CERTIFICATE = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g;

/** Each is looked at: OpenSSL passes over what it cannot read, and nothing would be trusted. */
function hasCertificates(pem: string): boolean {
  const found = pem.match(CERTIFICATE) ?? [];
  return found.length > 0 && found.every((each) => isMade(() => new X509Certificate(each)));
}

const isPrivateKey = (pem: string): boolean => isMade(() => createPrivateKey(pem));

const belongTogether = (cert: string, key: string): boolean =>
  isMade(() => createSecureContext({ cert, key }));

function isMade(make: () => unknown): boolean {
  try {
    make();
    return true;
  } catch {
    return false;
  }
}

/** Host and port, with commas between; a port of 0 is none. Addresses of IPv6 stand in brackets. */
function parseBrokers(text: string): readonly string[] | undefined {
  const brokers = text.split(',').map((broker) => broker.trim());
  return brokers.every(isBroker) ? [...new Set(brokers)] : undefined;
}

function isBroker(text: string): boolean {
  const split = text.lastIndexOf(':');
  const host = text.slice(0, Math.max(0, split)).replace(/^\[(.*)\]$/, '$1');
  return isHost(host) && (parsePort(text.slice(split + 1)) ?? 0) > 0;
}
