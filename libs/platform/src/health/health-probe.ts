import type { DownstreamState } from './downstream';
import type { ProjectionState } from './projection-state';
import type { Readiness } from './readiness';
import { readinessOf } from './readiness';

/** Knows whether requests should come here. */
export class HealthProbe {
  private stopping = false;

  /**
   * @param state how far the read models are; rejects when the database does not answer
   * @param downstream how far those outside are
   */
  constructor(
    private readonly state: () => Promise<ProjectionState>,
    private readonly downstream: () => Promise<DownstreamState>,
  ) {}

  /** From now on no more requests are wanted. */
  stop(): void {
    this.stopping = true;
  }

  readiness(): Promise<Readiness> {
    return readinessOf(this.state, this.downstream, this.stopping);
  }
}
