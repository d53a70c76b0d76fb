import { rules } from '../../../deals/src/http/deals.routes';

export const routes = rules;
