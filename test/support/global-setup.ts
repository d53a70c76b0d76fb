import { openBroker } from './database-broker';
import { openKafka } from './kafka-broker';

export default async function setUp(): Promise<void> {
  await Promise.all([openBroker(), openKafka()]);
}
