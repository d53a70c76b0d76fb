import type { Deal } from './deal';

export interface Stage {
  readonly deals: readonly Deal[];
}
