import type { NewEvent, StreamWrite } from '@guanxi/event-store';
import { LIMITS } from '@guanxi/event-store';
import { DomainError } from '@guanxi/kernel';
import type { PromiseTests } from './kit';
import { someEvent, someMetadata, someStream } from './kit';

function circle(): object {
  const around: { self?: object } = {};
  around.self = around;
  return around;
}

/** What no store accepts is refused by rule, and nothing of it is written. */
export const badInput: PromiseTests = (store) => {
  it.each([
    [
      'an append without events',
      [{ stream: 'thing-1', expected: 'new' as const, events: [] }],
      'empty-append',
    ],
    [
      'a name with a space',
      [{ stream: 'thing 1', expected: 'new' as const, events: [someEvent(1)] }],
      'stream-name',
    ],
    [
      'a name with a control character',
      [{ stream: 'thing\u0007', expected: 'new' as const, events: [someEvent(1)] }],
      'stream-name',
    ],
    [
      'a name that is too long',
      [{ stream: 't'.repeat(201), expected: 'new' as const, events: [someEvent(1)] }],
      'stream-name',
    ],
    ['a system name', [{ stream: '$all', expected: 'new' as const, events: [someEvent(1)] }], 'stream-name'],
    [
      'a revision that is none',
      [{ stream: 'thing-1', expected: 1.5, events: [someEvent(1)] }],
      'expected-revision',
    ],
    [
      'a stream named twice',
      [
        { stream: 'thing-1', expected: 'any' as const, events: [someEvent(1)] },
        { stream: 'thing-1', expected: 'any' as const, events: [someEvent(2)] },
      ],
      'stream-twice',
    ],
    [
      'too many events',
      [
        {
          stream: 'thing-1',
          expected: 'any' as const,
          events: Array.from({ length: LIMITS.eventsPerAppend + 1 }, (_, n) => someEvent(n)),
        },
      ],
      'too-many-events',
    ],
    [
      'an event id that is no UUID',
      [{ stream: 'thing-1', expected: 'any' as const, events: [{ ...someEvent(1), id: 'first' }] }],
      'event-id',
    ],
    [
      'an event type with a control character',
      [{ stream: 'thing-1', expected: 'any' as const, events: [someEvent(1, 'a\u0000b')] }],
      'event-type',
    ],
    [
      'a moment that is none',
      [
        {
          stream: 'thing-1',
          expected: 'any' as const,
          events: [{ ...someEvent(1), occurredAt: '2026-02-30' as NewEvent['occurredAt'] }],
        },
      ],
      'occurred-at',
    ],
    ...[['text'], 7, null, { circle: circle() }, { large: 1n }].map(
      (data) =>
        [
          `data that is no JSON object (${typeof data})`,
          [
            {
              stream: 'thing-1',
              expected: 'any' as const,
              events: [{ ...someEvent(1), data: data as never }],
            },
          ],
          'event-not-json',
        ] as const,
    ),
    [
      'more bytes than an append may have',
      [
        {
          stream: 'thing-1',
          expected: 'any' as const,
          events: Array.from({ length: 20 }, (_, n) => ({
            ...someEvent(n),
            data: { text: 'x'.repeat(LIMITS.eventBytes - 100) },
          })),
        },
      ],
      'append-too-large',
    ],
    [
      'an event that is too large',
      [
        {
          stream: 'thing-1',
          expected: 'any' as const,
          events: [{ ...someEvent(1), data: { text: 'x'.repeat(LIMITS.eventBytes) } }],
        },
      ],
      'event-too-large',
    ],
  ] as readonly (readonly [string, readonly StreamWrite[], string])[])(
    'refuses %s and writes nothing',
    async (_, writes, rule) => {
      const { position: before } = await store().head();
      const refusal = await store()
        .append(writes, someMetadata())
        .catch((error: unknown) => error);
      expect(refusal).toBeInstanceOf(DomainError);
      expect((refusal as DomainError).code).toBe(`event-store.${rule}`);
      expect((await store().head()).position).toBe(before);
    },
  );

  it('refuses one event id twice in an append', async () => {
    const event = someEvent(1);
    const writes = [{ stream: someStream(), expected: 'any' as const, events: [event, event] }];
    await expect(store().append(writes, someMetadata())).rejects.toMatchObject({
      code: 'event-store.duplicate-event-id',
    });
  });
};
