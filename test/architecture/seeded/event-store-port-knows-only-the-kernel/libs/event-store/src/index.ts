import { send } from '@guanxi/commanding';

export const port = send;
