import { deal } from '../../../libs/deals/src/domain/deal';

export const api = deal;
