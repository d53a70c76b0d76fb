import type { Context } from '@guanxi/platform';
import { customerCommands } from './commands/commands';
import { customerEvents } from './domain/customer-events';
import { purchaseEvents } from './domain/purchase-events';
import { CustomersController } from './http/customers.controller';
import { PurchasesController } from './http/purchases.controller';
import { SegmentsController } from './http/segments.controller';
import { customerPublication } from './publishing/public-events';
import { purchasePublication } from './publishing/public-purchases';
import { customers } from './read/customers';
import { purchases } from './read/purchases';

/** Customers, what they buy, and how they come and go. */
export const customersContext: Context = {
  name: 'customers',
  events: [...customerEvents, ...purchaseEvents],
  commands: customerCommands,
  readModels: [customers, purchases],
  controllers: [CustomersController, PurchasesController, SegmentsController],
  publishes: [customerPublication, purchasePublication],
};
