export { dealsContext } from './deals.context';
export { deals } from './read/deals';
export type { DealRow } from './read/deal-row';
