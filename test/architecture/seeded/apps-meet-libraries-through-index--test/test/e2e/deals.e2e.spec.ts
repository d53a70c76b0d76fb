import { deal } from '../../libs/deals/src/domain/deal';

export const e2e = deal;
