import { closeBroker } from './database-broker';
import { closeKafka } from './kafka-broker';

export default async function tearDown(): Promise<void> {
  await Promise.all([closeBroker(), closeKafka()]);
}
