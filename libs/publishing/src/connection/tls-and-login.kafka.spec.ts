import { readFileSync } from 'node:fs';
import { inspect } from 'node:util';
import type { TestKafkaWithTls } from '../../../../test/support/kafka-with-tls';
import { KAFKA_USER, testKafkaWithTls } from '../../../../test/support/kafka-with-tls';
import { uniqueName } from '../../../../test/support/kafka';
import { consume } from '../client/consume';
import { KafkaRefused, KafkaUnreachable } from '../client/errors';
import { KafkaPublisher } from '../kafka/kafka-publisher';
import { CHECKPOINT_TOPIC } from '../kafka/topics';
import { PublisherError } from '../relay/publisher';
import type { KafkaConnection, KafkaLogin } from './kafka-connection';

jest.setTimeout(180_000);

const SECRET = 'hunter2-is-wrong';
const SCRAM: KafkaLogin = { mechanism: 'scram-sha-512', ...KAFKA_USER };

let kafka: TestKafkaWithTls;
let ca: string;
let identity: { readonly cert: string; readonly key: string };

beforeAll(async () => {
  kafka = await testKafkaWithTls();
  ca = readFileSync(kafka.ca, 'utf8');
  identity = {
    cert: readFileSync(kafka.client.cert, 'utf8'),
    key: readFileSync(kafka.client.key, 'utf8'),
  };
});

afterAll(() => kafka.stop());

const never = new AbortController().signal;

async function opened(connection: KafkaConnection): Promise<void> {
  const publisher = new KafkaPublisher({ ...connection, transactionalId: uniqueName('relay') });
  const open = await publisher.open([], never);
  await open.close();
}

async function consumed(connection: KafkaConnection): Promise<void> {
  const groupId = uniqueName('group');
  const consumption = await consume({
    ...{ ...connection, groupId, topics: [CHECKPOINT_TOPIC], from: 'now' },
    handle: () => undefined,
  });
  await consumption.stop();
}

async function errorOf(failing: Promise<void>): Promise<Error> {
  const error = await failing.then(
    () => undefined,
    (thrown: unknown) => thrown,
  );
  if (!(error instanceof Error)) throw new Error('it did not fail');
  return error;
}

it('publishers and consumers come together with brokers by TLS and each kind of login', async () => {
  const ways: readonly KafkaConnection[] = [
    { brokers: kafka.login, tls: { ca }, sasl: SCRAM },
    { brokers: kafka.login, tls: { ca }, sasl: { ...SCRAM, mechanism: 'scram-sha-256' } },
    { brokers: kafka.login, tls: { ca }, sasl: { ...SCRAM, mechanism: 'plain' } },
    { brokers: kafka.mutual, tls: { ca, identity } },
  ];
  // The topic is made by the first.
  for (const way of ways) await opened(way);
  await Promise.all(ways.map(consumed));
});

it('say why they do not come together, and never the password', async () => {
  const other = readFileSync(kafka.otherCa, 'utf8');
  const byName = kafka.login.map((broker) => broker.replace('127.0.0.1', 'localhost'));
  const wrong = { ...SCRAM, password: SECRET };
  const cases: readonly (readonly [KafkaConnection, PublisherError['kind'], RegExp, RegExp])[] = [
    [
      { brokers: kafka.login, tls: { ca }, sasl: wrong },
      'refused',
      /do not accept this SASL user and password by SCRAM-SHA-512: check KAFKA_SASL_USERNAME and KAFKA_SASL_PASSWORD$/,
      /do not accept this SASL user and password by SCRAM-SHA-512: check sasl.username and sasl.password/,
    ],
    [
      { brokers: kafka.login, tls: { ca }, sasl: { ...wrong, mechanism: 'plain' } },
      'refused',
      /do not accept this SASL user and password by PLAIN/,
      /do not accept this SASL user and password by PLAIN/,
    ],
    [
      { brokers: kafka.login, tls: {}, sasl: wrong },
      'refused',
      /not of an authority that is trusted here .*: check KAFKA_TLS_CA$/,
      /not of an authority that is trusted here .*: check tls.ca/,
    ],
    [
      { brokers: kafka.login, tls: { ca: other }, sasl: wrong },
      'refused',
      /not of an authority that is trusted here .*: check KAFKA_TLS_CA$/,
      /not of an authority that is trusted here .*: check tls.ca/,
    ],
    [
      { brokers: byName, tls: { ca }, sasl: wrong },
      'refused',
      /for other host names than they were reached by: check KAFKA_BROKERS/,
      /for other host names than they were reached by: check brokers/,
    ],
    [
      { brokers: kafka.mutual, tls: { ca } },
      'refused',
      /want a certificate of ours that they trust: check KAFKA_TLS_CERT and KAFKA_TLS_KEY$/,
      /want a certificate of ours that they trust: check tls.identity/,
    ],
    [
      { brokers: kafka.brokers, sasl: wrong },
      'refused',
      /take no SASL login on this port: check KAFKA_SASL_MECHANISM/,
      /take no SASL login on this port: check sasl/,
    ],
    [
      { brokers: kafka.brokers, tls: { ca } },
      'away',
      /does not speak TLS on this port: check KAFKA_TLS and the port/,
      /does not speak TLS on this port: check tls and the port/,
    ],
    [
      { brokers: kafka.login, sasl: wrong },
      'away',
      /hangs up on us: if that stays so, it wants TLS: check KAFKA_TLS/,
      /hangs up on us: if that stays so, it wants TLS$/,
    ],
    [
      { brokers: kafka.login, tls: { ca } },
      'away',
      /if that stays so, it wants a SASL login: check KAFKA_TLS, KAFKA_SASL_MECHANISM/,
      /if that stays so, it wants a SASL login$/,
    ],
  ];
  await Promise.all(
    cases.map(async ([connection, kind, publisherWords, consumerWords]) => {
      const [refused, unread] = await Promise.all([
        errorOf(opened(connection)),
        errorOf(consumed(connection)),
      ]);
      expect(refused).toBeInstanceOf(PublisherError);
      expect(refused).toMatchObject({ kind, message: expect.stringMatching(publisherWords) });
      expect(unread.message).toMatch(consumerWords);
      const isHint = /hangs up/.test(unread.message);
      expect(unread).toBeInstanceOf(isHint ? KafkaUnreachable : KafkaRefused);
      for (const error of [refused, unread])
        expect(inspect(error, { depth: Infinity, showHidden: true })).not.toContain(SECRET);
    }),
  );
});
