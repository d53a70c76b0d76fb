import { Readable } from 'node:stream';
import type { BeforeApplicationShutdown, OnModuleDestroy } from '@nestjs/common';
import {
  Controller,
  HttpCode,
  Inject,
  Logger,
  Post,
  Req,
  Res,
  UnsupportedMediaTypeException,
} from '@nestjs/common';
import { CommandCatalogue } from '../../command-catalogue';
import { CommandGateway } from '../../command-gateway';
import { ROLES } from '../../command-spec';
import type { CommandRequest } from '../principal';
import { principalOf } from '../principal';
import { NeedsRole } from '../role';
import { BulkSession } from './bulk-session';

/** Content type of a bulk call and its answer. */
export const BULK_TYPE = 'application/x-ndjson';

interface Reply {
  header(name: string, value: string): Reply;
  send(body: Readable): unknown;
}

/** `POST /v1/commands`: many commands in one call, streaming both ways. */
@Controller('v1/commands')
export class BulkController implements OnModuleDestroy, BeforeApplicationShutdown {
  private readonly logger = new Logger('bulk-commands');
  private readonly stopping = new AbortController();
  private readonly running = new Set<Promise<void>>();

  constructor(
    @Inject(CommandCatalogue) private readonly catalogue: CommandCatalogue,
    @Inject(CommandGateway) private readonly gateway: CommandGateway,
  ) {}

  @Post()
  @HttpCode(200)
  @NeedsRole(...ROLES)
  bulk(@Req() request: CommandRequest, @Res() reply: Reply): void {
    const { body, id: correlationId } = request;
    if (!(body instanceof Readable)) {
      throw new UnsupportedMediaTypeException(`send lines of JSON as Content-Type: ${BULK_TYPE}`);
    }
    const output = new PieceStream();
    output.once('close', () => {
      // Who still sends to a server that is being stopped would keep it waiting.
      if (this.stopping.signal.aborted) setImmediate(() => body.destroy());
    });
    const session = new BulkSession(
      {
        catalogue: this.catalogue,
        gateway: this.gateway,
        principal: principalOf(request),
        correlationId,
        onFault: (error) => {
          this.logger.error({ error, correlationId });
        },
        stopping: this.stopping.signal,
      },
      (piece) => output.offer(piece),
    );
    const running = session.run(body).then(
      () => {
        output.push(null);
      },
      (error: unknown) => {
        this.logger.warn({ event: 'bulk input broke off', correlationId });
        output.destroy(error instanceof Error ? error : undefined);
      },
    );
    this.running.add(running);
    void running.then(() => this.running.delete(running));
    reply.header('Content-Type', `${BULK_TYPE}; charset=utf-8`).send(output);
  }

  onModuleDestroy(): void {
    this.stopping.abort();
  }

  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all(this.running);
  }
}

/** The answer's body: takes pieces as fast as the caller reads them. */
class PieceStream extends Readable {
  private wanted: (() => void) | undefined;

  /** Resolves when more is wanted, or nobody listens any longer. */
  offer(piece: string): Promise<void> | undefined {
    if (this.destroyed || this.push(piece)) return undefined;
    return new Promise((resolve) => {
      this.wanted = resolve;
    });
  }

  override _read(): void {
    this.wake();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.wake();
    done(error);
  }

  private wake(): void {
    const wake = this.wanted;
    this.wanted = undefined;
    wake?.();
  }
}
