import { advance } from '../commands/advance-deal';

export const stalledDeals = advance;
