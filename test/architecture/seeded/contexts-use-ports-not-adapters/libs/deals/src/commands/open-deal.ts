import { store } from '@guanxi/event-store-postgres';

export const opened = store;
