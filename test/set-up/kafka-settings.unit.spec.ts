import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';

const root = join(__dirname, '../..');
const read = (file: string): string => readFileSync(join(root, file), 'utf8');

interface Compose {
  readonly services: Readonly<
    Record<string, { readonly image: string; readonly environment: Readonly<Record<string, unknown>> }>
  >;
}

/** Where the broker listens and keeps its data: in a container that is not what it is on this machine. */
const PLACES = [
  'KAFKA_LISTENERS',
  'KAFKA_ADVERTISED_LISTENERS',
  'KAFKA_LISTENER_SECURITY_PROTOCOL_MAP',
  'KAFKA_CONTROLLER_QUORUM_VOTERS',
  'KAFKA_LOG_DIRS',
];

describe('the two brokers, of npm run kafka and of docker compose', () => {
  const { services } = parse(read('docker-compose.yml'), { merge: true }) as Compose;
  const { image = '', environment = {} } = services['kafka'] ?? {};
  const others = ['CLUSTER_ID', 'KAFKA_HEAP_OPTS', ...PLACES];

  it('have the same settings', () => {
    const settings = read('infra/kafka/server.properties')
      .split('\n')
      .filter((line) => line !== '' && !line.startsWith('#'))
      .map((line): [string, string] => {
        const [name = '', value = ''] = line.split('=');
        return [`KAFKA_${name.replaceAll('.', '_').toUpperCase()}`, value];
      });
    const inCompose = Object.entries(environment).filter(([name]) => !others.includes(name));
    expect(settings.length).toBeGreaterThan(5);
    expect(Object.fromEntries(inCompose)).toEqual(Object.fromEntries(settings));
  });

  it('have the same memory, version and cluster', () => {
    expect(environment['KAFKA_HEAP_OPTS']).toBe(read('infra/kafka/jvm.options').trim().replaceAll('\n', ' '));
    const [, version] =
      /kafka_2\.13<\/artifactId>\s*<version>([^<]+)/.exec(read('infra/kafka/pom.xml')) ?? [];
    expect(image).toBe(`apache/kafka:${version}`);
    const [, cluster] = /CLUSTER_ID = '([^']+)'/.exec(read('infra/kafka/broker.mjs')) ?? [];
    expect(environment['CLUSTER_ID']).toBe(cluster);
  });

  it('are offered to the product, which goes without Kafka where none is named', () => {
    for (const name of ['api', 'worker'])
      expect(services[name]?.environment['KAFKA_BROKERS']).toBe('${KAFKA_BROKERS:-}');
  });

  it.each([
    ...['KAFKA_TLS', 'KAFKA_TLS_CA', 'KAFKA_TLS_CERT', 'KAFKA_TLS_KEY'],
    ...['KAFKA_SASL_MECHANISM', 'KAFKA_SASL_USERNAME', 'KAFKA_SASL_PASSWORD'],
  ])('are reached as %s says, in both processes of the product', (variable) => {
    for (const name of ['api', 'worker'])
      expect(services[name]?.environment[variable]).toBe(`\${${variable}:-}`);
  });
});
