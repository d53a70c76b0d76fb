import { deal } from './deal';

export const stage = (): string => deal();
