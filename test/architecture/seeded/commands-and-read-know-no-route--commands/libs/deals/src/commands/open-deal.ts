import { path } from '../http/deals.routes';

export const opened = path;
