import { NeedsRole } from '@guanxi/commanding';
import { Controller, Get, Inject, Res, SetMetadata } from '@nestjs/common';
import { OPEN_ROUTE } from '../auth/role.guard';
import { HealthProbe } from './health-probe';
import { Metrics } from './metrics';
import type { Readiness } from './readiness';

interface Reply {
  status(code: number): Reply;
  header(name: string, value: string): Reply;
}

const Open = (): MethodDecorator => SetMetadata(OPEN_ROUTE, true);

/** Whether the process lives, whether it can serve, and what it measures. */
@Controller()
export class HealthController {
  constructor(
    @Inject(HealthProbe) private readonly probe: HealthProbe,
    @Inject(Metrics) private readonly measured: Metrics,
  ) {}

  @Get('health/live')
  @Open()
  live(): { readonly status: 'live' } {
    return { status: 'live' };
  }

  @Get('health/ready')
  @Open()
  async ready(@Res({ passthrough: true }) reply: Reply): Promise<Readiness> {
    const readiness = await this.probe.readiness();
    reply.header('Cache-Control', 'no-store');
    if (readiness.status !== 'ready') reply.status(503).header('Retry-After', '1');
    return readiness;
  }

  @Get('metrics')
  @NeedsRole('read', 'operate')
  metrics(@Res({ passthrough: true }) reply: Reply): Promise<string> {
    reply.header('Content-Type', this.measured.contentType);
    return this.measured.text();
  }
}
