import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type Server } from 'node:http';
import { type TestKafka, testKafka } from './kafka-process';

/** Tells the workers of a test run where to ask for the run's Kafka. */
export const KAFKA_VARIABLE = 'TEST_KAFKA_BROKER';

let server: Server | undefined;
let starting: Promise<TestKafka> | undefined;

/** Offers the run's Kafka; it starts when the first worker asks for it. */
export async function openKafka(): Promise<void> {
  const path = `/${randomUUID()}`;
  server = createServer((request, response) => {
    if (request.url !== path) {
      response.writeHead(404).end();
      return;
    }
    starting ??= testKafka();
    starting.then(
      ({ brokers }) => response.end(brokers.join(',')),
      (error: unknown) => response.writeHead(500).end(String(error)),
    );
  });
  server.listen(0, '127.0.0.1').unref();
  await once(server, 'listening');
  const address = server.address();
  if (typeof address !== 'object' || address === null) throw new Error('the offer of Kafka has no port');
  process.env[KAFKA_VARIABLE] = `http://127.0.0.1:${address.port}${path}`;
}

/** Ends it, if anybody asked for it, and removes its data. */
export async function closeKafka(): Promise<void> {
  server?.close();
  server?.closeAllConnections();
  const started = await starting?.catch(() => undefined);
  await started?.stop();
}
