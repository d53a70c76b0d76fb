import { CommandGateway } from '@guanxi/commanding';
import { NestFactory } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { errorCode } from '../embedded-postgres/errors';
import { createAdapter } from '../http/adapter';
import { AllowedMethods } from '../http/allowed-methods';
import { addDocs } from '../http/docs/docs-routes';
import { ProblemFilter } from '../http/problem.filter';
import { addRequestHooks } from '../http/request-hooks';
import type { JsonLog } from '../logging/json-log';
import { nestLogger } from '../logging/nest-logger';
import type { ModuleParts } from './product-module';
import { productModule } from './product-module';
import { StartError } from './start-error';

/** Where and how the app listens. */
export interface HttpAppOptions {
  readonly host: string;
  readonly port: number;
  readonly version: string;
  readonly log: JsonLog;
}

/** A server that listens. */
export interface HttpApp {
  readonly url: string;
  /** The way in for commands, also for those that do not come over HTTP. */
  readonly gateway: CommandGateway;
  /** Lets requests end, and cuts off those that take longer than `patience` milliseconds. */
  close(patience: number): Promise<void>;
}

/** Builds the Nest application and listens. @throws StartError when the address cannot be had */
export async function startHttpApp(
  parts: Omit<ModuleParts, 'filter'>,
  { host, port, version, log }: HttpAppOptions,
): Promise<HttpApp> {
  const adapter = createAdapter();
  const allowed = new AllowedMethods();
  const { keys, metrics, contexts, serves } = parts;
  const instance = adapter.getInstance();
  addRequestHooks(instance, {
    keys,
    log,
    allowed,
    onAnswer: (answer) => {
      metrics.answered(answer);
    },
  });
  if (serves) {
    await addDocs(instance, async () => {
      const { openApiDocument } = await import('../http/openapi/document');
      return openApiDocument({
        version,
        commands: contexts.flatMap((context) => context.commands),
        controllers: contexts.flatMap((context) => context.controllers),
        publications: contexts.flatMap(({ publishes }) => publishes ?? []),
      });
    });
  }
  const app = await NestFactory.create<NestFastifyApplication>(
    productModule({ ...parts, filter: new ProblemFilter(log, allowed) }),
    adapter,
    { logger: nestLogger(log), bodyParser: false, abortOnError: false },
  );
  try {
    await app.listen(port, host);
  } catch (error) {
    await app.close();
    throw addressError(error, host, port);
  }
  return {
    url: await app.getUrl(),
    gateway: app.get(CommandGateway),
    close: async (patience) => {
      const server = app.getHttpServer();
      const deadline = setTimeout(() => {
        log.warn({ event: 'requests cut off at the stop' }, 'http');
        server.closeAllConnections();
      }, patience);
      try {
        await app.close();
      } finally {
        clearTimeout(deadline);
      }
    },
  };
}

function addressError(error: unknown, host: string, port: number): unknown {
  const code = errorCode(error);
  if (code === 'EADDRINUSE') {
    return new StartError(
      `port ${port} of ${host} is taken: set GUANXI_PORT to another one, or to 0 for any free one`,
    );
  }
  if (code === 'EACCES')
    return new StartError(`port ${port} may not be used: set GUANXI_PORT to one above 1023`);
  if (code === 'EADDRNOTAVAIL' || code === 'ENOTFOUND') {
    return new StartError(`this machine has no address ${host}: set GUANXI_HOST to one that it has`);
  }
  return error;
}
