import type { Instant } from '@guanxi/kernel';
import type { Line } from '../domain/deal';
import type { Stage } from '../domain/stages';

/** A deal as the board sees it. Value is in minor units of `currency`. */
export interface DealRow {
  readonly status: 'open' | 'won' | 'lost';
  readonly stage: Stage;
  readonly value: number;
  readonly currency: string;
  readonly openedAt: Instant;
  readonly stageEnteredAt: Instant;
  readonly movedAt: Instant;
  readonly closedAt?: Instant;
  readonly expectedCloseOn?: string;
  /** How often the expected close date was put off. */
  readonly timesSlipped: number;
  readonly customerId?: string;
  readonly owner?: string;
  /** Whose deal it was when it was closed: what is won or lost stays theirs. */
  readonly closedOwner?: string;
  /** The product of the first line, by which figures split. */
  readonly productId?: string;
  readonly lines?: readonly Line[];
  readonly title?: string;
  readonly externalRef?: string;
  readonly criteria?: readonly string[];
  readonly evidence?: string;
  readonly lostReason?: string;
  readonly competitor?: string;
  /** True when an import assumed the moment at which the present stage was entered. */
  readonly stageAssumed?: boolean;
}
