import type { ProjectionState } from './projection-state';
import type { Readiness } from './readiness';
import { readinessOf } from './readiness';

/** Knows whether requests should come here. */
export class HealthProbe {
  private stopping = false;

  constructor(private readonly state: () => Promise<ProjectionState>) {}

  /** From now on no more requests are wanted. */
  stop(): void {
    this.stopping = true;
  }

  readiness(): Promise<Readiness> {
    return readinessOf(this.state, this.stopping);
  }
}
