import { readTopic, sharedKafka, testClient, testKafka, TRANSACTION_RETRY, uniqueName } from './kafka';

describe('sharedKafka', () => {
  it('keeps what was committed', async () => {
    const { brokers } = await sharedKafka();
    const topic = uniqueName('topic');
    const client = testClient(brokers);
    const admin = client.admin();
    await admin.connect();
    await admin.createTopics({ topics: [{ topic, numPartitions: 2, replicationFactor: 1 }] });
    await admin.disconnect();
    const producer = client.producer({
      transactionalId: uniqueName('tx'),
      idempotent: true,
      maxInFlightRequests: 1,
      retry: TRANSACTION_RETRY,
    });
    await producer.connect();
    const t = await producer.transaction();
    await t.send({
      topic,
      messages: [
        { key: 'a', value: '1', headers: { h: 'x' }, partition: 0 },
        { key: 'b', value: null, partition: 1 },
      ],
    });
    await t.commit();
    const u = await producer.transaction();
    await u.send({ topic, messages: [{ key: 'a', value: '2', partition: 0 }] });
    await u.abort();
    await producer.disconnect();
    expect(await readTopic(brokers, topic)).toEqual([
      expect.objectContaining({ value: '1', headers: { h: 'x' } }),
      expect.objectContaining({ value: null }),
    ]);
  });
});
void testKafka;
