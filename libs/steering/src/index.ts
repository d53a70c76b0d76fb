export { steeringContext } from './steering.context';
export { departments } from './read/departments';
export type { DepartmentRow } from './read/departments';
export { exchangeRates, ratesInForce } from './read/exchange-rates';
export type { ExchangeRateRow } from './read/exchange-rates';
export { products } from './read/products';
export type { ProductRow } from './read/products';
export { sellers } from './read/sellers';
export type { SellerRow } from './read/sellers';
