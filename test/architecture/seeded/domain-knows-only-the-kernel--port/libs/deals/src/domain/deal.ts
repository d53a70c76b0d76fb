import { port } from '@guanxi/event-store';

export const deal = port;
