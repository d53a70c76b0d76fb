import { Type } from '@sinclair/typebox';
import type { EventOf, Instant } from '@guanxi/kernel';
import { event } from '@guanxi/kernel';
import { ASSUMABLE, CRITERIA, EVIDENCE, STAGES } from './stages';

const literals = <const T extends readonly string[]>(values: T) =>
  Type.Unsafe<T[number]>(Type.Union(values.map((value) => Type.Literal(value))));

const Id = Type.String({ minLength: 36, maxLength: 36 });
const Moment = Type.Unsafe<Instant>(Type.String({ minLength: 24, maxLength: 24 }));
const Day = Type.String({ minLength: 10, maxLength: 10 });
const Text = Type.String({ minLength: 1, maxLength: 2_000 });
const Price = Type.Object({ amount: Type.Integer(), currency: Type.String({ minLength: 3, maxLength: 3 }) });
const DealStage = literals(STAGES);
/** Says that the source did not record the fact and the import took it for granted. */
const assumed = Type.Optional(Type.Literal(true));

export const DealLine = Type.Object({
  productId: Id,
  quantity: Type.Optional(Type.Number({ exclusiveMinimum: 0 })),
  value: Type.Optional(Type.Integer()),
});

export const dealEvents = [
  event(
    'deal-opened.v1',
    Type.Object({
      value: Price,
      customerId: Type.Optional(Id),
      owner: Type.Optional(Id),
      title: Type.Optional(Text),
      externalRef: Type.Optional(Text),
      lines: Type.Optional(Type.Array(DealLine)),
      expectedCloseOn: Type.Optional(Day),
      assumed: Type.Optional(Type.Array(literals(ASSUMABLE))),
    }),
  ),
  event('deal-first-meeting-scheduled.v1', Type.Object({ meetingAt: Moment, assumed })),
  event(
    'deal-first-meeting-held.v1',
    Type.Object({ agreedToContinue: Type.Boolean(), note: Type.Optional(Text), assumed }),
  ),
  event(
    'deal-criterion-confirmed.v1',
    Type.Object({
      criterion: literals(CRITERIA),
      note: Type.Optional(Text),
      decisionOn: Type.Optional(Day),
      startOn: Type.Optional(Day),
      nextStepOn: Type.Optional(Day),
      assumed,
    }),
  ),
  event(
    'deal-criterion-withdrawn.v1',
    Type.Object({ criterion: literals(CRITERIA), note: Type.Optional(Text) }),
  ),
  event('deal-advanced.v1', Type.Object({ from: DealStage, to: DealStage, assumed })),
  event('deal-regressed.v1', Type.Object({ from: DealStage, to: DealStage, reason: Text })),
  event('deal-verbal-agreement-recorded.v1', Type.Object({ quote: Type.Optional(Text), assumed })),
  event(
    'deal-won.v1',
    Type.Object({
      from: DealStage,
      value: Price,
      evidence: Type.Optional(literals(EVIDENCE)),
      customerId: Type.Optional(Id),
      assumed,
    }),
  ),
  event(
    'deal-lost.v1',
    Type.Object({
      from: DealStage,
      reason: Type.Optional(Text),
      competitor: Type.Optional(Text),
      priceGap: Type.Optional(Price),
      assumed,
    }),
  ),
  event('deal-reopened.v1', Type.Object({ to: DealStage, reason: Text })),
  event(
    'deal-revised.v1',
    Type.Object({
      value: Type.Optional(Price),
      expectedCloseOn: Type.Optional(Day),
      lines: Type.Optional(Type.Array(DealLine)),
      title: Type.Optional(Text),
      customerId: Type.Optional(Id),
    }),
  ),
  event('deal-reviewed.v1', Type.Object({ note: Type.Optional(Text) })),
  event('deal-owner-assigned.v1', Type.Object({ owner: Id, reason: Type.Optional(Text) })),
  event(
    'deal-corrected.v1',
    Type.Object({
      value: Type.Optional(Price),
      stage: Type.Optional(DealStage),
      expectedCloseOn: Type.Optional(Day),
      reason: Text,
    }),
  ),
  event(
    'deal-event-redated.v1',
    Type.Object({
      redates: Type.Object({ revision: Type.Integer({ minimum: 0 }), to: Moment }),
      reason: Text,
      /** Whose file the moved event may concern: a won deal makes a customer. */
      customerId: Type.Optional(Id),
    }),
  ),
] as const;

export type DealEvent = EventOf<typeof dealEvents>;
