export { historyOf } from './history.context';
