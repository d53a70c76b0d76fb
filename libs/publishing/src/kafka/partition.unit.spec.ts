import fc from 'fast-check';
import { Partitioners } from 'kafkajs';
import { partitionOf } from './partition';

it('is where the client library puts a key, whatever the key', () => {
  const partitioner = Partitioners.DefaultPartitioner();
  const theirs = (key: string, partitions: number): number => {
    const partitionMetadata = Array.from({ length: partitions }, (_, partitionId) => ({
      ...{ partitionId, partitionErrorCode: 0, leader: 0, replicas: [], isr: [] },
    }));
    return partitioner({ topic: 'things', partitionMetadata, message: { key, value: null } });
  };
  fc.assert(
    fc.property(
      fc.string({ unit: 'binary', maxLength: 60 }),
      fc.integer({ min: 1, max: 50 }),
      (key, partitions) => partitionOf(key, partitions) === theirs(key, partitions),
    ),
    { numRuns: 1_000 },
  );
});

it.each([
  ['21', 0x7fffffff & -973932308],
  ['foobar', 0x7fffffff & -790332482],
  ['a-little-bit-long-string', 0x7fffffff & -985981536],
  ['a-little-bit-longer-string', 0x7fffffff & -1486304829],
  ['lkjh234lh9fiuh90y23oiuhsafujhadof229phr9h19h89h8', 0x7fffffff & -58897971],
])('hashes %s as the Java client does', (key, hash) => {
  expect(partitionOf(key, 2 ** 31)).toBe(hash);
});
