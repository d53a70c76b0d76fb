import type { Context } from '@guanxi/platform';
import { steeringCommands } from './commands/commands';
import { steeringEvents } from './domain/events';
import { SteeringController } from './http/steering.controller';
import { steeringPublication } from './publishing/public-events';
import { departments } from './read/departments';
import { exchangeRates } from './read/exchange-rates';
import { products } from './read/products';
import { sellers } from './read/sellers';

/** What steers the business: products, sellers, departments, exchange rates. */
export const steeringContext: Context = {
  name: 'steering',
  events: steeringEvents,
  commands: steeringCommands,
  readModels: [products, sellers, departments, exchangeRates],
  controllers: [SteeringController],
  publishes: [steeringPublication],
};
