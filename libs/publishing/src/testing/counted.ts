import { randomUUID } from 'node:crypto';
import { parseInstant } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import { publicEventsOf } from '../contracts/contract';
import { ContractBook } from '../contracts/contract-book';
import type { PublicMessage } from '../contracts/public-message';

const publish = publicEventsOf<{
  readonly type: 'thing-counted.v1';
  readonly data: { readonly number: number };
}>('thing');

const book = new ContractBook(
  [
    {
      topic: {
        name: 'guanxi.things',
        title: 'Things',
        description: 'Things.',
        partitions: 3,
        retentionDays: 1,
      },
      events: [
        publish('thing-counted.v1', {
          summary: 'A thing was counted.',
          schema: Type.Object({ number: Type.Integer() }),
          map: ({ data }) => data,
        }),
      ],
    },
  ],
  '/guanxi/test',
);

/** Events of a test: `count` of them from position `first` on, on `keys` streams in turn; the n-th says n. */
export const countedFrom = (first: number, count: number, keys = 7): readonly PublicMessage[] =>
  Array.from({ length: count }, (_, index) => first + index).flatMap((number) =>
    book.messagesOf({
      id: randomUUID(),
      type: 'thing-counted.v1',
      stream: `thing-${number % keys}`,
      revision: Math.floor(number / keys),
      position: BigInt(number),
      occurredAt: parseInstant('2026-01-01T00:00:00Z'),
      recordedAt: parseInstant('2026-01-01T00:00:00Z'),
      data: { number },
      metadata: {
        ...{ commandId: 'c', command: 'Count', commandHash: 'h', correlationId: 'r', actor: 'test' },
        ...{ tenant: 'default', policyVersion: 0 },
      },
    }),
  );
