import { send } from '@guanxi/commanding';

export const board = send;
