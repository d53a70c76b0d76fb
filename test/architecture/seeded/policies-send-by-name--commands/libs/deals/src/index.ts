export { stalledDeals } from './policies/stalled-deals';
