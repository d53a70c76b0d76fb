export type { Context } from './context';
