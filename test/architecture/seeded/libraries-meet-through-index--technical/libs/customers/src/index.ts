import { fold } from '../../projections/src/runner';

export const customers = fold;
