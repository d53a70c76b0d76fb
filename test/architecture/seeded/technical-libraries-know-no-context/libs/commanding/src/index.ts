import { deal } from '@guanxi/deals';

export const command = deal;
