export { customersContext } from './customers.context';
export { customers } from './read/customers';
export type { CustomerMovement } from './read/customer-movements';
export type { CustomerRow } from './read/customer-row';
export { purchases } from './read/purchases';
export type { PurchaseMovement, PurchaseRow } from './read/purchases';
export { customerTiers } from './read/pyramid';
