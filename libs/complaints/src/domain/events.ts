import type { EventOf } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import { Type } from '@sinclair/typebox';
import {
  ASSUMABLE,
  CAUSES,
  CHANNELS,
  CLOCKS,
  COMPLAINANT_TYPES,
  LEVELS,
  RESOLUTION_KINDS,
  SEVERITIES,
  WARNING_PERCENTS,
} from './vocabulary';

const oneOf = <const T extends readonly string[]>(values: T) =>
  Type.Union(values.map((value: T[number]) => Type.Literal(value)));

const Id = Type.String({ minLength: 36, maxLength: 36 });
const Text = Type.String({ minLength: 1, maxLength: 10_000 });
const Price = Type.Object({ amount: Type.Integer(), currency: Type.String({ minLength: 3, maxLength: 3 }) });
/** Which of the event's facts the source did not record and the import took for granted. */
const assumed = Type.Optional(Type.Array(oneOf(ASSUMABLE)));

export const complaintEvents = [
  event(
    'complaint-filed.v1',
    Type.Object({
      customerId: Type.Optional(Id),
      anonymous: Type.Optional(Type.Literal(true)),
      channel: oneOf(CHANNELS),
      product: Type.Optional(Text),
      region: Type.Optional(Text),
      text: Type.Optional(Text),
      cause: oneOf(CAUSES),
      severity: Type.Union(SEVERITIES.map((severity) => Type.Literal(severity))),
      complainantType: Type.Optional(oneOf(COMPLAINANT_TYPES)),
      claimedLoss: Type.Optional(Price),
      externalRef: Type.Optional(Text),
      attributes: Type.Optional(
        Type.Record(Type.String(), Type.Union([Type.String(), Type.Number(), Type.Boolean()])),
      ),
      assumed,
    }),
  ),
  event(
    'complaint-acknowledged.v1',
    Type.Object({
      note: Type.Optional(Text),
      by: Type.Optional(Text),
      /** Stated by a source that recorded no moment, or its own judgement of the clock. */
      answeredInTime: Type.Optional(Type.Boolean()),
      assumed,
    }),
  ),
  event(
    'complaint-finding-recorded.v1',
    Type.Object({ known: Text, when: Type.Optional(Text), done: Type.Optional(Text) }),
  ),
  event(
    'complaint-solution-proposed.v1',
    Type.Object({
      regret: Type.Optional(Text),
      correction: Type.Optional(Text),
      redress: Type.Optional(Type.Object({ text: Type.Optional(Text), amount: Type.Optional(Price) })),
      remedy: Type.Optional(Text),
      assumed,
    }),
  ),
  event(
    'complaint-proposal-answered.v1',
    Type.Object({ accepted: Type.Boolean(), reason: Type.Optional(Text), assumed }),
  ),
  event(
    'complaint-resolved.v1',
    Type.Object({ resolution: Type.Optional(Text), kind: Type.Optional(oneOf(RESOLUTION_KINDS)), assumed }),
  ),
  event(
    'complaint-followed-up.v1',
    Type.Object({
      reached: Type.Boolean(),
      satisfied: Type.Optional(Type.Boolean()),
      wouldBuyAgain: Type.Optional(Type.Boolean()),
      note: Type.Optional(Text),
      assumed,
    }),
  ),
  event('complaint-reopened.v1', Type.Object({ reason: Text })),
  event('complaint-closed.v1', Type.Object({ note: Type.Optional(Text) })),
  event('complaint-withdrawn.v1', Type.Object({ reason: Type.Optional(Text) })),
  event('complaint-assigned.v1', Type.Object({ owner: Id })),
  event('complaint-escalated.v1', Type.Object({ from: oneOf(LEVELS), to: oneOf(LEVELS), reason: Text })),
  event(
    'complaint-clock-warned.v1',
    Type.Object({
      clock: oneOf(CLOCKS),
      /** How much of its time has gone by. */
      percent: Type.Union(WARNING_PERCENTS.map((percent) => Type.Literal(percent))),
      /** When it runs out. */
      dueAt: Type.String({ minLength: 24, maxLength: 24 }),
    }),
  ),
] as const;

export type ComplaintEvent = EventOf<typeof complaintEvents>;

/** The data of one type of event. */
export type DataOf<T extends ComplaintEvent['type']> = Extract<ComplaintEvent, { type: T }>['data'];
