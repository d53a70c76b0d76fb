import { EventRegistry } from '@guanxi/event-store';
import { event } from '@guanxi/kernel';
import { ContractBook, publicEventsOf } from '@guanxi/publishing';
import { Type } from '@sinclair/typebox';
import { webhookEvents } from '../domain/webhook';
import type { DeliveryPolicy } from '../delivery/policy';
import { DELIVERY_POLICY } from '../delivery/policy';

/** Notes, which are told to the world: numbers, so that tests see order. */
type NoteEvent = { readonly type: 'note-written.v1'; readonly data: { readonly n: number } };

export const noteRegistry = new EventRegistry([
  event('note-written.v1', Type.Object({ n: Type.Integer() })),
  ...webhookEvents,
]);

/** What makes telling a note fail; a test that mends the code takes it away. */
export const poison = { n: -1 };

export const noteBook = new ContractBook(
  [
    {
      topic: {
        name: 'guanxi.notes',
        title: 'Notes',
        description: 'Notes of tests.',
        partitions: 1,
        retentionDays: 1,
      },
      events: [
        publicEventsOf<NoteEvent>('note')('note-written.v1', {
          summary: 'A note was written.',
          schema: Type.Object({ n: Type.Integer() }),
          map: ({ data: { n } }) => {
            if (n === poison.n) throw new Error('this note cannot be told');
            return { n };
          },
        }),
      ],
    },
  ],
  '/guanxi/test',
);

/** Patient as the product, but in another measure of time. */
export const QUICK: DeliveryPolicy = {
  ...DELIVERY_POLICY,
  waits: [40, 80, 120],
  timeout: 700,
  lease: 1_500,
  beat: 60,
};

export const KEY = Buffer.alloc(32, 7);
export const RULES = { allowPrivate: true, allowHttp: true };
export const quiet = { info: () => undefined, warn: () => undefined };
