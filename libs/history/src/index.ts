export { historyContext } from './history.context';
