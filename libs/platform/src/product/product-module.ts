import {
  BulkController,
  CatalogueController,
  CommandCatalogue,
  CommandGateway,
  commandControllers,
  commandHandlerOf,
} from '@guanxi/commanding';
import type { EventRegistry, EventStore } from '@guanxi/event-store';
import { Deciders } from '@guanxi/event-store';
import type { Instant } from '@guanxi/kernel';
import { Queries } from '@guanxi/projections';
import { FEED_ACCESS, Feed, FeedController } from '@guanxi/publishing';
import { Webhooks } from '@guanxi/webhooks';
import type { DynamicModule, Provider, Type } from '@nestjs/common';
import { APP_FILTER, APP_GUARD } from '@nestjs/core';
import { CommandBus, CqrsModule } from '@nestjs/cqrs';
import { ApiKeys } from '../auth/api-keys';
import { ApiKeysController } from '../auth/api-keys.controller';
import { RoleGuard } from '../auth/role.guard';
import type { Context } from '../context';
import { HealthController } from '../health/health.controller';
import { HealthProbe } from '../health/health-probe';
import { Metrics } from '../health/metrics';
import { DeadLetterOffice } from '../operations/dead-letter-office';
import { DeadLettersController } from '../operations/dead-letters.controller';
import type { ProblemFilter } from '../http/problem.filter';
import { feedAccess } from './public-feed';
import { EVENT_STORE } from './tokens';
import type { ProductWebhooks } from './webhooks';

/** What the module is put together from; all of it is there before Nest starts. */
export interface ModuleParts {
  readonly contexts: readonly Context[];
  /** False for a process that only works in the background: health and metrics are its only routes. */
  readonly serves: boolean;
  /** The moment that counts as now for commands. */
  readonly clock: () => Instant;
  readonly store: EventStore;
  readonly registry: EventRegistry;
  readonly queries: Queries;
  readonly letters: DeadLetterOffice;
  readonly webhooks: ProductWebhooks;
  readonly feed: Feed;
  readonly keys: ApiKeys;
  readonly metrics: Metrics;
  readonly probe: HealthProbe;
  readonly filter: ProblemFilter;
}

class ProductModule {}

/** The product as a Nest module: everything of a context follows from what it declares. */
export function productModule(parts: ModuleParts): DynamicModule {
  // A process that serves nobody sends commands, too: those of its policies.
  const commands = parts.contexts.flatMap((context) => context.commands);
  const served: Type[] = parts.serves
    ? [
        BulkController,
        CatalogueController,
        ApiKeysController,
        DeadLettersController,
        FeedController,
        ...commandControllers(commands),
        ...parts.contexts.flatMap((context) => context.controllers),
      ]
    : [];
  const providers: Provider[] = [
    { provide: APP_GUARD, useClass: RoleGuard },
    { provide: APP_FILTER, useValue: parts.filter },
    { provide: ApiKeys, useValue: parts.keys },
    { provide: HealthProbe, useValue: parts.probe },
    { provide: Metrics, useValue: parts.metrics },
    { provide: Queries, useValue: parts.queries },
    { provide: DeadLetterOffice, useValue: parts.letters },
    { provide: Feed, useValue: parts.feed },
    { provide: FEED_ACCESS, useValue: feedAccess(parts.keys) },
    { provide: Webhooks, useValue: parts.webhooks.office },
    { provide: EVENT_STORE, useValue: parts.store },
    { provide: CommandCatalogue, useValue: new CommandCatalogue(commands) },
    { provide: Deciders, useValue: new Deciders(parts.store, parts.registry) },
    {
      provide: CommandGateway,
      inject: [CommandBus],
      useFactory: (bus: CommandBus) =>
        new CommandGateway(bus, parts.store, parts.clock, parts.webhooks.asides),
    },
    ...commands.map(commandHandlerOf),
  ];
  return {
    module: ProductModule,
    imports: [CqrsModule.forRoot()],
    controllers: [HealthController, ...served],
    providers,
  };
}
