import { query } from '@guanxi/projections';

export const advance = query;
