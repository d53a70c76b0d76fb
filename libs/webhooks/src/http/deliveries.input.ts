import { IsIn, IsOptional, Matches } from 'class-validator';
import type { ListedDelivery } from '../inspection';

/** Which deliveries are listed; values come as text. */
export class DeliveriesInput {
  @IsOptional()
  @IsIn(['waiting', 'delivered', 'superseded'])
  readonly status?: ListedDelivery['status'];

  @IsOptional()
  @Matches(/^(?:[1-9]\d{0,2}|1000)$/, { message: '$property must be a whole number from 1 to 1000' })
  readonly limit?: string;

  /** `nextCursor` of the page before. */
  @IsOptional()
  @Matches(/^\d{1,18}$/, { message: '$property must be the nextCursor of an earlier answer' })
  readonly cursor?: string;
}
