import { closeBroker } from './database-broker';

export default closeBroker;
