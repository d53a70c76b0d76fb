import { openBroker } from './database-broker';

export default openBroker;
