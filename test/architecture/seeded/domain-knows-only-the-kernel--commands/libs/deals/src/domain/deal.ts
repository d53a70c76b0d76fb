import { title } from '../commands/open-deal';

export const deal = title;
