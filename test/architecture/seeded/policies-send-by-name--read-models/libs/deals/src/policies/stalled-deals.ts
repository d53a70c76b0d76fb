import { queries } from '../../../projections/src/index';

export const stalledDeals = queries;
