import { FitsSchema, IsInstant, IsMoney, commandsOn, referencesTo } from '@guanxi/commanding';
import type { Decider, Decision, EventOf, Money } from '@guanxi/kernel';
import { conflict, event, notFound } from '@guanxi/kernel';
import type { Context } from '@guanxi/platform';
import type { Asked, ReadModel } from '@guanxi/projections';
import { Queries } from '@guanxi/projections';
import { Answers, AskedFor, CommaList, Filters, ListParameters, Parameters, page } from '@guanxi/querying';
import { Controller, Get, Inject, Param, ParseUUIDPipe } from '@nestjs/common';
import { Type as Shape } from '@sinclair/typebox';
import { Type } from 'class-transformer';
import {
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  IsUUID,
  Max,
  MaxLength,
  Min,
  ValidateNested,
} from 'class-validator';

/** A context as small as one can be, with everything that the edge has to do with. */
const counterEvents = [
  event('counter-opened.v1', Shape.Object({ name: Shape.String(), partOf: Shape.Optional(Shape.String()) })),
  event('counter-raised.v1', Shape.Object({ by: Shape.Integer() })),
  event('counter-closed.v1', Shape.Object({})),
] as const;

type CounterEvent = EventOf<typeof counterEvents>;

interface Counter {
  readonly status: 'none' | 'open' | 'closed';
  readonly total: number;
}

const decider: Decider<Counter, CounterEvent> = {
  initial: { status: 'none', total: 0 },
  evolve: (counter, fact) => {
    switch (fact.type) {
      case 'counter-opened.v1':
        return { ...counter, status: 'open' };
      case 'counter-raised.v1':
        return { ...counter, total: counter.total + fact.data.by };
      case 'counter-closed.v1':
        return { ...counter, status: 'closed' };
    }
  },
};

class Label {
  @IsString()
  @MaxLength(20)
  text!: string;
}

class OpenCounterInput {
  @IsString()
  @MaxLength(100)
  name!: string;

  @IsOptional()
  @IsUUID()
  partOf?: string;

  @IsOptional()
  @IsMoney()
  price?: Money;

  @IsOptional()
  @IsInstant()
  due?: string;

  @IsOptional()
  @ValidateNested({ each: true })
  @Type(() => Label)
  labels?: Label[];

  @IsOptional()
  @FitsSchema(Shape.Array(Shape.Object({ size: Shape.Integer() }, { additionalProperties: false })))
  sizes?: { size: number }[];
}

class RaiseCounterInput {
  @IsInt()
  @Min(1)
  @Max(1_000)
  by!: number;
}

class CloseCounterInput {
  @IsOptional()
  @IsString()
  reason?: string;
}

/** Raising by this much is a fault of ours. */
export const POISON = 666;

const raise =
  ({ by }: RaiseCounterInput): Decision<Counter, CounterEvent> =>
  (counter) => {
    if (by === POISON) throw new Error('the name Jane Doe must not be logged by a caller of this');
    if (counter.status === 'none') throw notFound('counter.unknown', 'there is no such counter');
    if (counter.status === 'closed')
      throw conflict('counter.closed', 'the counter is closed', { total: counter.total });
    return [{ type: 'counter-raised.v1', data: { by } }];
  };

const counter = commandsOn({ collection: 'counters', category: 'counter', decider });

const counterCommands = [
  counter(
    'OpenCounter',
    OpenCounterInput,
    ({ name, partOf }) =>
      ({ status }) => {
        if (status === 'open') return [];
        return [{ type: 'counter-opened.v1', data: { name, ...(partOf === undefined ? {} : { partOf }) } }];
      },
    {
      summary: 'Opens a counter',
      example: { name: 'Visits', labels: [{ text: 'shop' }], price: { amount: 100, currency: 'EUR' } },
      references: ({ partOf }) => referencesTo('counter', { partOf }),
    },
  ),
  counter('RaiseCounter', RaiseCounterInput, raise, {
    summary: 'Raises it',
    example: { by: 3 },
    verb: 'raise',
  }),
  counter(
    'CloseCounter',
    CloseCounterInput,
    () =>
      ({ status }) =>
        status === 'open' ? [{ type: 'counter-closed.v1', data: {} }] : [],
    { summary: 'Closes it', example: {}, verb: 'close', role: 'steer' },
  ),
];

interface CounterRow {
  readonly name: string;
  readonly total: number;
  readonly status: string;
}

const counters: ReadModel<CounterRow, CounterEvent> = {
  name: 'counters',
  version: 1,
  types: counterEvents.map(({ type }) => type),
  keyOf: ({ stream }) => stream.slice('counter-'.length),
  columns: { name: 'text', total: 'bigint', status: 'text' },
  evolve: (row, fact) => {
    switch (fact.type) {
      case 'counter-opened.v1':
        return { name: fact.data.name, total: 0, status: 'open' };
      case 'counter-raised.v1':
        return row && { ...row, total: row.total + fact.data.by };
      case 'counter-closed.v1':
        return row && { ...row, status: 'closed' };
    }
  },
};

class CounterParameters extends ListParameters {
  @IsOptional()
  @CommaList()
  @IsIn(['open', 'closed'], { each: true })
  status?: string[];

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  atLeast?: number;
}

@Controller('v1/counters')
class CountersController {
  constructor(@Inject(Queries) private readonly queries: Queries) {}

  @Get()
  @Answers({ summary: 'The list of counters', rows: 'items' })
  list(@AskedFor() asked: Asked, @Parameters(CounterParameters) parameters: CounterParameters) {
    return this.queries.answer([counters], asked, (snapshot) =>
      page<CounterRow>(snapshot, {
        from: `${snapshot.of(counters)} c`,
        select: 'c.id, c.name, c.total, c.status',
        filters: new Filters().oneOf('c.status', parameters.status).atLeast('c.total', parameters.atLeast),
        sortable: { name: { column: 'c.name', type: 'text' }, total: { column: 'c.total', type: 'bigint' } },
        defaultSort: 'name',
        parameters,
        idColumn: 'c.id',
      }),
    );
  }

  @Get('sum')
  @Answers({ summary: 'The sum of all' })
  sum(@AskedFor() asked: Asked) {
    return this.queries.answer([counters], asked, async (snapshot) => {
      const [row] = await snapshot.rows<{ sum: number | null }>(
        `select sum(total) as sum from ${snapshot.of(counters)} c`,
      );
      return { sum: row?.sum ?? 0 };
    });
  }

  @Get(':id')
  @Answers({ summary: 'One counter' })
  one(@AskedFor() asked: Asked, @Param('id', ParseUUIDPipe) id: string) {
    return this.queries.answer([counters], asked, async (snapshot) => {
      const [row] = await snapshot.rows<CounterRow>(
        `select id, name, total, status from ${snapshot.of(counters)} c where id = $1`,
        [id],
      );
      if (!row) throw notFound('counter.unknown', 'there is no such counter');
      return { counter: row };
    });
  }
}

export const countersContext: Context = {
  name: 'counters',
  events: counterEvents,
  commands: counterCommands,
  readModels: [counters],
  controllers: [CountersController],
};
