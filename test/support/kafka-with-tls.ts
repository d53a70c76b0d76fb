import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import type { TestKafka } from './kafka-process';
import { testKafka } from './kafka-process';

/** Who may log in. */
export const KAFKA_USER = { username: 'relay', password: 'a-password-of-the-tests' } as const;

/** A broker that wants to be spoken to in confidence. */
export interface TestKafkaWithTls extends TestKafka {
  /** Where it takes TLS alone, with a login: PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512. */
  readonly login: readonly string[];
  /** Where it takes TLS alone, with a certificate of the client. */
  readonly mutual: readonly string[];
  /** The file of the authority that signed its certificate. */
  readonly ca: string;
  /** Files of a client that it trusts. */
  readonly client: { readonly cert: string; readonly key: string };
  /** The file of an authority that has signed nothing of it. */
  readonly otherCa: string;
}

/** Starts a broker with TLS and logins beside its plain port; keys and certificates are made for it, by openssl. */
export async function testKafkaWithTls(): Promise<TestKafkaWithTls> {
  const dir = mkdtempSync(join(tmpdir(), 'guanxi-kafka-tls-'));
  try {
    const [ca, other] = [await authority(dir, 'ca'), await authority(dir, 'other-ca')];
    const server = await certificate(dir, 'server', ca);
    const client = await certificate(dir, 'client', ca);
    const keys = join(dir, 'server-keys.pem');
    writeFileSync(keys, `${readFileSync(server.key, 'utf8')}${readFileSync(server.cert, 'utf8')}`);
    const [login, mutual] = await freePorts(2);
    const listeners = `LOGIN://127.0.0.1:${login},MUTUAL://127.0.0.1:${mutual}`;
    const { username, password } = KAFKA_USER;
    const plain = `org.apache.kafka.common.security.plain.PlainLoginModule required user_${username}="${password}";`;
    const scram = 'org.apache.kafka.common.security.scram.ScramLoginModule required;';
    const settings = [
      `listeners=${listeners}`,
      `advertised.listeners=${listeners}`,
      'listener.security.protocol.map=LOGIN:SASL_SSL,MUTUAL:SSL',
      ...['ssl.keystore.type=PEM', `ssl.keystore.location=${keys}`],
      ...['ssl.truststore.type=PEM', `ssl.truststore.location=${ca.cert}`],
      'listener.name.mutual.ssl.client.auth=required',
      'listener.name.login.sasl.enabled.mechanisms=PLAIN,SCRAM-SHA-256,SCRAM-SHA-512',
      `listener.name.login.plain.sasl.jaas.config=${plain}`,
      `listener.name.login.scram-sha-256.sasl.jaas.config=${scram}`,
      `listener.name.login.scram-sha-512.sasl.jaas.config=${scram}`,
    ];
    const kafka = await testKafka({
      settings: `${settings.join('\n')}\n`,
      scramUsers: [`${username}:${password}`],
    });
    return {
      ...kafka,
      ...{ login: [`127.0.0.1:${login}`], mutual: [`127.0.0.1:${mutual}`] },
      ...{ ca: ca.cert, client, otherCa: other.cert },
      stop: async () => {
        await kafka.stop();
        rmSync(dir, { recursive: true, force: true });
      },
    };
  } catch (error) {
    rmSync(dir, { recursive: true, force: true });
    throw error;
  }
}

interface Keys {
  readonly cert: string;
  readonly key: string;
}

const authority = (dir: string, name: string): Promise<Keys> =>
  made(dir, name, ['-addext', 'basicConstraints=critical,CA:TRUE']);

const certificate = (dir: string, name: string, { cert, key }: Keys): Promise<Keys> =>
  made(dir, name, ['-CA', cert, '-CAkey', key, '-addext', 'subjectAltName=IP:127.0.0.1']);

async function made(dir: string, name: string, more: readonly string[]): Promise<Keys> {
  const files = { cert: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
  await promisify(execFile)('openssl', [
    ...['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-days', '2'],
    ...['-subj', `/CN=${name}`, '-out', files.cert, '-keyout', files.key, ...more],
  ]);
  return files;
}

/** Ports that were free a moment ago, all at once so that none is given twice. */
async function freePorts(count: number): Promise<readonly number[]> {
  const servers = Array.from({ length: count }, () => createServer().listen(0, '127.0.0.1'));
  await Promise.all(servers.map((server) => once(server, 'listening')));
  const ports = servers.map((server) => {
    const address = server.address();
    return typeof address === 'object' && address ? address.port : 0;
  });
  await Promise.all(
    servers.map(async (server) => {
      server.close();
      await once(server, 'close');
    }),
  );
  return ports;
}
