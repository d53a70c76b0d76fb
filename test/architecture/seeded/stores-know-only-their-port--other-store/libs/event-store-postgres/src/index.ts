import { port } from '@guanxi/event-store';

export const store = port;
