import type { Stage } from './stage';

export interface Deal {
  readonly stage: Stage;
}
