import { stage } from './stage';

export const deal = (): string => stage();
