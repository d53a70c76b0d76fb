import { problemOf } from '@guanxi/commanding';
import { contexts } from '@guanxi/contexts';
import { EVENT_STORE } from '@guanxi/platform';
import { Queries } from '@guanxi/projections';
import type { ArgumentsHost } from '@nestjs/common';
import { Catch, Module } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { FastifyAdapter } from '@nestjs/platform-fastify';
import type { Json } from '../../support/product';
import type { Database } from './databases';

/** An answer as it comes over HTTP. */
export interface Answer {
  readonly status: number;
  readonly body: Json;
}

/** The product's queries over a database, asked over HTTP in this process. */
export interface Asking {
  get(path: string): Promise<Answer>;
  close(): Promise<void>;
}

@Catch()
class Refusals {
  catch(error: unknown, host: ArgumentsHost): void {
    const problem = problemOf(error);
    if (problem.status === 500) throw error;
    const reply = host.switchToHttp().getResponse<{ status(code: number): { send(body: object): void } }>();
    reply.status(problem.status).send({ code: problem.code, detail: problem.detail });
  }
}

/** Opens the query routes of all contexts over a database, whatever its store and its now are when asked. */
export async function asking(database: Database): Promise<Asking> {
  @Module({})
  class Product {}
  const module = {
    module: Product,
    // Webhooks are how they are now: they answer for no moment.
    controllers: contexts.filter(({ name }) => name !== 'webhooks').flatMap(({ controllers }) => controllers),
    providers: [
      { provide: Queries, useValue: forwarding(() => database.queries()) },
      { provide: EVENT_STORE, useValue: forwarding(() => database.store) },
    ],
  };
  const app = await NestFactory.create<NestFastifyApplication>(module, new FastifyAdapter(), {
    logger: false,
    abortOnError: false,
  });
  app.useGlobalFilters(new Refusals());
  await app.init();
  await app.getHttpAdapter().getInstance().ready();
  return {
    get: async (url) => {
      const response = await app.inject({ method: 'GET', url });
      return { status: response.statusCode, body: response.json<Json>() };
    },
    close: () => app.close(),
  };
}

/** An object whose methods are those of whatever stands there at the moment. */
function forwarding<T extends object>(target: () => T): T {
  return new Proxy({} as T, {
    get: (_, name) => {
      const own = target();
      const value: unknown = Reflect.get(own, name);
      return typeof value === 'function' ? (value.bind(own) as unknown) : value;
    },
  });
}
