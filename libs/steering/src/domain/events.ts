import { departmentEvents } from './department';
import { exchangeRateEvents } from './exchange-rate';
import { productEvents } from './product';
import { sellerEvents } from './seller';

/** Every event type of this context. */
export const steeringEvents = [
  ...productEvents,
  ...sellerEvents,
  ...departmentEvents,
  ...exchangeRateEvents,
] as const;
