import { resolve } from 'node:path';
import type { KafkaConnection } from '@guanxi/publishing';
import { UNSAFE_SETTINGS, type UnsafeSetting, parseUnsafeSettings } from '../database/unsafe-settings';
import { ConfigError, type ConfigProblem } from './config-error';
import { kafkaHints, readKafkaConfig } from './kafka-config';
import { nearestName } from './nearest-name';
import { isHost, parsePort, parseSwitch } from './values';

/** Which parts of the product a process runs. */
export type Role = 'all' | 'api' | 'worker';

/** The least severe log line that is still written. */
export type LogLevel = 'error' | 'warn' | 'info' | 'debug';

/** What a process needs to know before it starts. Every value is checked; secrets stay out of every message. */
export interface Config {
  readonly host: string;
  /** 0 means: any free port. */
  readonly port: number;
  /** Absolute path. */
  readonly dataDir: string;
  /** Secret. Absent: the first key is made and kept in the data directory. */
  readonly adminKey?: string;
  readonly role: Role;
  readonly logLevel: LogLevel;
  /** Secret, as it may hold a password. Absent: the embedded PostgreSQL. */
  readonly databaseUrl?: string;
  /** Secret, as it may hold a password. Present: the events are in that KurrentDB, not in PostgreSQL. */
  readonly kurrentUrl?: string;
  /** Settings of the server that may be off, although that can lose what was acknowledged. Absent: none. */
  readonly acceptUnsafe?: readonly UnsafeSetting[];
  /** Secret: 32 bytes in base64 that seal secrets of webhooks. Absent: made and kept in the data directory. */
  readonly secretsKey?: string;
  /** Which addresses webhooks may have beside https:// ones of the public internet. Absent: no others. */
  readonly webhooks?: { readonly allowPrivate: boolean; readonly allowHttp: boolean };
  /** Present: public events are published there. Holds secrets. */
  readonly kafka?: KafkaConnection;
  /** Slips in names that are not ours alone, for the log. Absent: none. */
  readonly hints?: readonly string[];
  /** What the command line client talks to, and as whom (secret). */
  readonly client: { readonly url?: string; readonly apiKey?: string };
}

const KNOWN = [
  'GUANXI_HOST',
  'GUANXI_PORT',
  'GUANXI_DATA_DIR',
  'GUANXI_ADMIN_KEY',
  'GUANXI_ROLE',
  'GUANXI_LOG_LEVEL',
  'GUANXI_ACCEPT_UNSAFE',
  'GUANXI_SECRETS_KEY',
  'GUANXI_WEBHOOK_ALLOW_PRIVATE',
  'GUANXI_WEBHOOK_ALLOW_HTTP',
  'GUANXI_URL',
  'GUANXI_API_KEY',
] as const;

const ROLES: readonly Role[] = ['all', 'api', 'worker'];
const LOG_LEVELS: readonly LogLevel[] = ['error', 'warn', 'info', 'debug'];

const HOST_RULE = 'must be an IP address or a host name, without scheme and port';
const PORT_RULE = 'must be a whole number from 0 to 65535 (0 takes any free port)';
const KEY_RULE = 'must be 16 to 256 printable ASCII characters without spaces';
const URL_RULE = 'must be an http:// or https:// address';
const UNSAFE_RULE = `must be names out of ${Object.keys(UNSAFE_SETTINGS).join(', ')}, with commas between them`;
const DATABASE_RULE = 'must be a postgres:// or postgresql:// address';
const SECRETS_KEY_RULE = 'must be 32 bytes in base64, as openssl rand -base64 32 makes them';
const SWITCH_RULE = 'must be true or false';
const KURRENT_RULE = 'must be a kurrentdb:// or kurrentdb+discover:// address';

/**
 * Reads and checks the environment of a Guanxi process. A variable that is set to nothing counts as unset.
 *
 * @param env usually `process.env`
 * @param cwd what relative paths are relative to
 * @throws ConfigError naming every wrong or unknown variable with its rule, never a secret's value
 */
export function loadConfig(env: NodeJS.ProcessEnv, cwd: string = process.cwd()): Config {
  const problems: ConfigProblem[] = [...unknownNames(env)];
  const read = <T>(name: string, fallback: T, rule: string, parse: (text: string) => T | undefined): T => {
    const text = env[name];
    if (text === undefined || text === '') return fallback;
    const value = parse(text);
    if (value === undefined) problems.push({ variable: name, rule });
    return value ?? fallback;
  };
  const optional = (name: string, rule: string, valid: (text: string) => boolean): string | undefined =>
    read<string | undefined>(name, undefined, rule, (text) => (valid(text) ? text : undefined));

  const adminKey = optional('GUANXI_ADMIN_KEY', KEY_RULE, isKey);
  const databaseUrl = optional('DATABASE_URL', DATABASE_RULE, (text) =>
    hasScheme(text, ['postgres:', 'postgresql:']),
  );
  const kurrentUrl = optional('KURRENTDB_URL', KURRENT_RULE, isKurrentUrl);
  const acceptUnsafe = read<Config['acceptUnsafe']>(
    'GUANXI_ACCEPT_UNSAFE',
    undefined,
    UNSAFE_RULE,
    parseUnsafeSettings,
  );
  const { kafka, problems: kafkaProblems } = readKafkaConfig(env, cwd);
  problems.push(...kafkaProblems);
  const hints = kafkaHints(env);
  const secretsKey = optional('GUANXI_SECRETS_KEY', SECRETS_KEY_RULE, isSecretsKey);
  const allowPrivate = read('GUANXI_WEBHOOK_ALLOW_PRIVATE', false, SWITCH_RULE, parseSwitch);
  const allowHttp = read('GUANXI_WEBHOOK_ALLOW_HTTP', false, SWITCH_RULE, parseSwitch);
  const url = optional('GUANXI_URL', URL_RULE, (text) => hasScheme(text, ['http:', 'https:']));
  const apiKey = optional('GUANXI_API_KEY', KEY_RULE, isKey);
  const config: Config = {
    host: read('GUANXI_HOST', '127.0.0.1', HOST_RULE, (text) => (isHost(text) ? text : undefined)),
    port: read('GUANXI_PORT', 3000, PORT_RULE, parsePort),
    dataDir: resolve(
      cwd,
      read('GUANXI_DATA_DIR', '.guanxi', 'must be a path', (text) => text),
    ),
    role: read('GUANXI_ROLE', 'all', `must be one of ${ROLES.join(', ')}`, (text) =>
      ROLES.find((r) => r === text),
    ),
    logLevel: read('GUANXI_LOG_LEVEL', 'info', `must be one of ${LOG_LEVELS.join(', ')}`, (text) =>
      LOG_LEVELS.find((level) => level === text),
    ),
    ...(adminKey !== undefined && { adminKey }),
    ...(databaseUrl !== undefined && { databaseUrl }),
    ...(kurrentUrl !== undefined && { kurrentUrl }),
    ...(acceptUnsafe !== undefined && { acceptUnsafe }),
    ...(secretsKey !== undefined && { secretsKey }),
    ...((allowPrivate || allowHttp) && { webhooks: { allowPrivate, allowHttp } }),
    ...(kafka !== undefined && { kafka }),
    ...(hints.length > 0 && { hints }),
    client: { ...(url !== undefined && { url }), ...(apiKey !== undefined && { apiKey }) },
  };
  if (problems.length > 0) throw new ConfigError(problems);
  return config;
}

function unknownNames(env: NodeJS.ProcessEnv): ConfigProblem[] {
  const known = new Set<string>(KNOWN);
  return Object.keys(env)
    .filter((name) => name.startsWith('GUANXI_') && !known.has(name))
    .sort()
    .map((variable) => {
      const near = nearestName(variable, KNOWN);
      const hint = near === undefined ? `known are ${KNOWN.join(', ')}` : `did you mean ${near}?`;
      return { variable, rule: `is not known; ${hint}` };
    });
}

/** The CLI reads this file, too: it must not wait for the library that uses the key. */
const isSecretsKey = (text: string): boolean =>
  /^[A-Za-z0-9+/]{43}=?$/.test(text) && Buffer.from(text, 'base64').length === 32;

const isKey = (text: string): boolean => /^[\x21-\x7e]{16,256}$/.test(text);

const hasScheme = (text: string, schemes: readonly string[]): boolean =>
  URL.canParse(text) && schemes.includes(new URL(text).protocol);

/** Several hosts may stand in it, which no URL can have; the store reads the rest. */
const isKurrentUrl = (text: string): boolean =>
  /^(?:esdb|kurrentdb|kurrent|kdb)(?:\+discover)?:\/\/[^\s]+$/.test(text);
