import { tier } from '@guanxi/customers';

export const deal = tier;
