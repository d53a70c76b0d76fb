import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig } from './config';
import { ConfigError } from './config-error';
import { kafkaHints, loadKafkaConfig, readKafkaConfig } from './kafka-config';

const BROKERS = { KAFKA_BROKERS: 'kafka.example:9093' };
const TLS = { ...BROKERS, KAFKA_TLS: 'true' };
const LOGIN = { KAFKA_SASL_USERNAME: 'me', KAFKA_SASL_PASSWORD: 'hunter2' };

let dir: string;

beforeAll(() => {
  dir = mkdtempSync(join(tmpdir(), 'guanxi-kafka-config-'));
  for (const name of ['one', 'two'])
    execFileSync(
      'openssl',
      [
        ...[
          'req',
          '-x509',
          '-newkey',
          'ec',
          '-pkeyopt',
          'ec_paramgen_curve:prime256v1',
          '-nodes',
          '-days',
          '2',
        ],
        ...['-subj', `/CN=${name}`, '-out', join(dir, `${name}.pem`), '-keyout', join(dir, `${name}.key`)],
      ],
      { stdio: 'ignore' },
    );
  execFileSync('openssl', [
    ...['pkey', '-in', join(dir, 'one.key'), '-aes256', '-passout', 'pass:secret'],
    ...['-out', join(dir, 'locked.key')],
  ]);
  writeFileSync(join(dir, 'nothing.pem'), 'no certificate at all\n');
  writeFileSync(
    join(dir, 'broken.pem'),
    `${read('one.pem')}-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n`,
  );
  writeFileSync(join(dir, 'both.pem'), `# ours\n${read('one.pem')}# theirs\n${read('two.pem')}`);
});

afterAll(() => {
  rmSync(dir, { recursive: true, force: true });
});

const read = (name: string): string => readFileSync(join(dir, name), 'utf8');
const problemsOf = (env: NodeJS.ProcessEnv): readonly string[] =>
  readKafkaConfig(env, dir).problems.map(({ variable, rule }) => `${variable} ${rule}`);

describe('the Kafka of the environment', () => {
  it('is none without brokers, whatever else is set', () => {
    expect(
      loadKafkaConfig({ KAFKA_TLS: 'x', KAFKA_SASL_MECHANISM: 'x', KAFKA_TLS_CA: '/none' }),
    ).toBeUndefined();
    expect(loadConfig({ KAFKA_TLS: 'x', KAFKA_SASL_PASSWRD: 'x' })).toEqual(loadConfig({}));
  });

  it('has brokers as a list without repetitions', () => {
    const text = 'a.example:9092, 10.0.0.7:9093,[::1]:9094,a.example:9092';
    const brokers = ['a.example:9092', '10.0.0.7:9093', '[::1]:9094'];
    expect(loadKafkaConfig({ KAFKA_BROKERS: text })).toEqual({ brokers });
    expect(loadConfig({ KAFKA_BROKERS: text }).kafka).toEqual({ brokers });
  });

  it('is reached by TLS with the authorities of Node.js, or with files beside the place of the start', () => {
    expect(loadKafkaConfig(TLS)?.tls).toEqual({});
    expect(loadKafkaConfig({ ...BROKERS, KAFKA_TLS: 'false', KAFKA_TLS_CA: '' })).not.toHaveProperty('tls');
    const files = {
      KAFKA_TLS_CA: 'both.pem',
      KAFKA_TLS_CERT: join(dir, 'one.pem'),
      KAFKA_TLS_KEY: 'one.key',
    };
    expect(loadKafkaConfig({ ...TLS, ...files }, dir)?.tls).toEqual({
      ca: read('both.pem'),
      identity: { cert: read('one.pem'), key: read('one.key') },
    });
  });

  it.each([
    ['plain', 'plain'],
    ['SCRAM-SHA-256', 'scram-sha-256'],
    ['scram-sha-512', 'scram-sha-512'],
  ])('knows a login by %s', (text, mechanism) => {
    expect(loadKafkaConfig({ ...TLS, ...LOGIN, KAFKA_SASL_MECHANISM: text })?.sasl).toEqual({
      ...{ mechanism, username: 'me', password: 'hunter2' },
    });
  });

  it('may have a login by SCRAM without TLS, which sends no password', () => {
    const env = { ...BROKERS, ...LOGIN, KAFKA_SASL_MECHANISM: 'scram-sha-512' };
    expect(loadKafkaConfig(env)).not.toHaveProperty('tls');
  });

  it.each<[Record<string, string>, RegExp]>([
    [{ KAFKA_BROKERS: 'broker' }, /^KAFKA_BROKERS must be addresses .* host and port each, with commas/],
    [{ KAFKA_BROKERS: 'a:9092,,b:9092' }, /^KAFKA_BROKERS must be/],
    [{ KAFKA_BROKERS: 'http://a:9092' }, /^KAFKA_BROKERS must be/],
    [{ KAFKA_BROKERS: 'a:0' }, /^KAFKA_BROKERS must be/],
    [{ ...BROKERS, KAFKA_TLS: 'yes' }, /^KAFKA_TLS must be true or false$/],
    [{ ...BROKERS, KAFKA_TLS_CA: 'one.pem' }, /^KAFKA_TLS_CA has no effect without TLS: set KAFKA_TLS=true/],
    [
      { ...BROKERS, KAFKA_TLS: 'false', KAFKA_TLS_KEY: 'one.key' },
      /^KAFKA_TLS_KEY has no effect without TLS/,
    ],
    [
      { ...TLS, KAFKA_TLS_CA: 'hunter2.pem' },
      /^KAFKA_TLS_CA must be the path of a file in PEM .* can't be read \(ENOENT\)$/,
    ],
    [{ ...TLS, KAFKA_TLS_CA: '.' }, /^KAFKA_TLS_CA must be the path .*\(EISDIR\)$/],
    [
      { ...TLS, KAFKA_TLS_CA: 'nothing.pem' },
      /^KAFKA_TLS_CA must be .* certificates of authorities; this file is not$/,
    ],
    [{ ...TLS, KAFKA_TLS_CA: 'broken.pem' }, /^KAFKA_TLS_CA must be .*; this file is not$/],
    [{ ...TLS, KAFKA_TLS_CA: 'one.key' }, /^KAFKA_TLS_CA must be .*; this file is not$/],
    [{ ...TLS, KAFKA_TLS_CERT: 'one.pem' }, /^KAFKA_TLS_KEY must be set where KAFKA_TLS_CERT is$/],
    [{ ...TLS, KAFKA_TLS_KEY: 'one.key' }, /^KAFKA_TLS_CERT must be set where KAFKA_TLS_KEY is$/],
    [
      { ...TLS, KAFKA_TLS_CERT: 'one.pem', KAFKA_TLS_KEY: 'two.key' },
      /^KAFKA_TLS_KEY must be the key of KAFKA_TLS_CERT$/,
    ],
    [
      { ...TLS, KAFKA_TLS_CERT: 'one.pem', KAFKA_TLS_KEY: 'locked.key' },
      /^KAFKA_TLS_KEY must be .* without a passphrase; this file is not$/,
    ],
    [
      { ...TLS, ...LOGIN, KAFKA_SASL_MECHANISM: 'gssapi' },
      /^KAFKA_SASL_MECHANISM must be one of plain, scram-sha-256, scram-sha-512$/,
    ],
    [
      { ...BROKERS, ...LOGIN, KAFKA_SASL_MECHANISM: 'plain' },
      /^KAFKA_SASL_MECHANISM must not be plain without TLS/,
    ],
    [
      { ...TLS, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_USERNAME: 'me' },
      /^KAFKA_SASL_PASSWORD must be set where KAFKA_SASL_MECHANISM is$/,
    ],
    [
      { ...TLS, KAFKA_SASL_MECHANISM: 'plain', KAFKA_SASL_PASSWORD: 'hunter2' },
      /^KAFKA_SASL_USERNAME must be set/,
    ],
    [
      { ...TLS, KAFKA_SASL_PASSWORD: 'hunter2' },
      /^KAFKA_SASL_PASSWORD has no effect without KAFKA_SASL_MECHANISM/,
    ],
  ])('is refused with its rule and without its values: %j', (env, rule) => {
    expect(problemsOf(env)).toEqual([expect.stringMatching(rule)]);
    expect(problemsOf(env).join()).not.toContain('hunter2');
    expect(() => loadKafkaConfig(env, dir)).toThrow(ConfigError);
    expect(() => loadConfig(env, dir)).toThrow(ConfigError);
  });

  it('hints at slips of its own names, which stop no start, and leaves those of others alone', () => {
    const others = { KAFKA_HEAP_OPTS: '-Xmx1g', KAFKA_SASL_ENABLED_MECHANISMS: 'PLAIN', KAFKA_TLZ: '1' };
    expect(loadConfig({ ...BROKERS, ...others })).not.toHaveProperty('hints');
    const slips = { KAFKA_TLS_CAA: 'hunter2', KAFKA_SASL_USER: 'hunter2' };
    const hints = [
      'KAFKA_SASL_USER is not known and changes nothing; did you mean KAFKA_SASL_USERNAME?',
      'KAFKA_TLS_CAA is not known and changes nothing; did you mean KAFKA_TLS_CA?',
    ];
    expect(kafkaHints({ ...BROKERS, ...others, ...slips })).toEqual(hints);
    expect(loadConfig({ ...BROKERS, ...slips }).hints).toEqual(hints);
    expect(kafkaHints(slips)).toEqual([]);
  });
});
