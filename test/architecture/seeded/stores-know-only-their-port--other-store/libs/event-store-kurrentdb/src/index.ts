import { store } from '@guanxi/event-store-postgres';

export const cluster = store;
