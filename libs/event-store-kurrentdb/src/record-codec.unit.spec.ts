import fc from 'fast-check';
import { parseInstant } from '@guanxi/kernel';
import { deserialise, serialise } from '@guanxi/event-store';
import { toEventData, toFound } from './record-codec';

const now = parseInstant('2026-01-01T00:00:00Z');
const metadata = {
  commandId: 'c',
  command: 'Do',
  commandHash: 'h',
  correlationId: 'r',
  causationId: 'e',
  actor: 'a',
  tenant: 't',
  policyVersion: 3,
};
const event = {
  id: '0191d1e0-0000-7000-8000-000000000001',
  type: 'done.v1',
  occurredAt: now,
  data: { n: 1 },
};
const at = { part: { index: 1, count: 2, append: 'x_-9' }, notBefore: now };

/** An event as the client gives it back. */
function read(over: object = {}): Parameters<typeof toFound>[0] {
  const {
    id,
    type,
    data,
    metadata: written,
  } = toEventData(event, serialise(event.type, event.data), metadata, at);
  const created = new Date('2026-01-02T00:00:00.123Z');
  const recorded = {
    id,
    type,
    data,
    metadata: written,
    created,
    isJson: true,
    revision: 4n,
    streamId: 'thing-1',
  };
  return { event: { ...recorded, position: { commit: 70n, prepare: 70n }, ...over } } as never;
}

describe('an event in KurrentDB', () => {
  it('comes back as it went', () => {
    expect(toFound(read())).toEqual({
      position: 70n,
      record: {
        ...event,
        ...at,
        metadata,
        stream: 'thing-1',
        revision: 4,
        position: 70n,
        created: Date.parse('2026-01-02T00:00:00.123Z'),
      },
    });
  });

  it('has text alone in its metadata, in one flat object: a write to several streams takes nothing else', () => {
    const { metadata: written } = toEventData(event, '{}', metadata, at);
    expect(Object.values(written as object).every((value) => typeof value === 'string')).toBe(true);
  });

  it('is stored as the bytes that were serialised, although the client turns data into text by itself', () => {
    fc.assert(
      fc.property(fc.dictionary(fc.string(), fc.jsonValue()), (data) => {
        const text = serialise('done.v1', data);
        expect(JSON.stringify(deserialise(text))).toBe(text);
        expect(JSON.stringify(toEventData(event, text, metadata, at).data)).toBe(text);
      }),
    );
  });

  it.each([
    ['of the server', { type: '$metadata' }],
    ['in a stream of the server', { streamId: '$$thing-1' }],
    ['without metadata', { metadata: undefined }],
    ['with metadata of another program', { metadata: { commandId: 'c' } }],
    ['that is no JSON', { isJson: false, data: new Uint8Array(1) }],
    ['whose JSON is broken', { data: '{' }],
  ])('%s is passed over, and its place is known', (_, over) => {
    expect(toFound(read(over))).toEqual({ position: 70n });
  });

  it('passes over a link whose event is gone, and knows the place of the link', () => {
    const { event: link } = read({ type: '$>' }) as { event: object };
    expect(toFound({ link } as never)).toEqual({ position: 70n });
  });
});
