import { Type } from '@sinclair/typebox';
import type { Publication, PublicEvent } from '../contracts/contract';
import { publicEventsOf } from '../contracts/contract';
import { oneOfWords, publicUuid, publicMoney } from '../contracts/shapes';

interface ThingMade {
  readonly type: 'thing-made.v1';
  readonly data: {
    readonly by: string;
    readonly colour: string;
    readonly value: { amount: number; currency: string };
  };
}

const ID = '0190f3a2-5b7c-7d11-8a01-3c5e7f9a1b2d';

const { Object: object, Optional: optional } = Type;
export const COLOURS = ['red', 'green', 'blue'] as const;
export const thingFields = {
  makerId: publicUuid('Id of the maker.'),
  colour: oneOfWords(COLOURS, 'Colour of the thing.'),
  value: optional(publicMoney('What it is worth.')),
};

/** A contract like those of the product, to be changed in tests; unlike those, its mapping is not typed. */
export const thingMade: PublicEvent = publicEventsOf<ThingMade>('thing')('thing-made.v1', {
  summary: 'A thing was made.',
  schema: object(thingFields),
  map: ({ data: { by, value } }) => ({ makerId: by, colour: 'red' as const, value }),
});

export const thingPublication: Publication = {
  topic: {
    ...{ name: 'guanxi.things', title: 'Things <of ours>', description: 'What was made & lost.' },
    ...{ partitions: 3, retentionDays: 7 },
  },
  events: [thingMade],
  samples: { 'thing-made.v1': { by: ID, colour: 'red', value: { amount: 100, currency: 'CNY' } } },
};
