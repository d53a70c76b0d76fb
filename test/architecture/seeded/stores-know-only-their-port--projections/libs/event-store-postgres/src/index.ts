import { query } from '@guanxi/projections';

export const store = query;
