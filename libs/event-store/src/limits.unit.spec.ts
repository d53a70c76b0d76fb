import { DomainError, parseInstant } from '@guanxi/kernel';
import { randomUUID } from 'node:crypto';
import { LIMITS, checkWrites, serialise } from './limits';
import type { ExpectedRevision } from './port';

const check = (expected: ExpectedRevision) => () => {
  const occurredAt = parseInstant('2026-01-01T00:00:00Z');
  const events = [{ id: randomUUID(), type: 'noted.v1', occurredAt, data: {} }];
  checkWrites([{ stream: 'thing-1', expected, events }]);
};

it.each<ExpectedRevision>(['new', 'exists', 'any', 0, LIMITS.revision])(
  'lets a writer expect %s',
  (expected) => {
    expect(check(expected)).not.toThrow();
  },
);

it.each([-1, Number.NaN, 0.5, Infinity, LIMITS.revision + 1, 2 ** 31 - 1, 2 ** 31, Number.MAX_SAFE_INTEGER])(
  'refuses a writer that expects revision %d',
  (expected) => {
    expect(check(expected)).toThrow(expect.objectContaining({ code: 'event-store.expected-revision' }));
  },
);

it('leaves room behind the last revision for the largest append', () => {
  expect(LIMITS.revision + LIMITS.eventsPerAppend).toBeLessThan(2 ** 31);
});

it.each([
  ['a moment', new Date(0)],
  ['a boxed text', new String('x')],
  ['what writes itself as a list', { toJSON: () => [] }],
  ['what writes itself as nothing', { toJSON: () => undefined }],
  ['what writes itself as null', { toJSON: () => null }],
  ['a list', []],
])('takes %s for no data of an event', (_name, data) => {
  const refusal = (() => {
    try {
      return serialise('noted.v1', data);
    } catch (error) {
      return error;
    }
  })();
  expect(refusal).toBeInstanceOf(DomainError);
  expect(refusal).toMatchObject({ code: 'event-store.event-not-json' });
});

it('writes objects as they are', () => {
  expect(serialise('noted.v1', { text: '\u0000\ud800', toJSON: undefined })).toBe(
    String.raw`{"text":"\u0000\ud800"}`,
  );
  expect(serialise('noted.v1', {})).toBe('{}');
});
