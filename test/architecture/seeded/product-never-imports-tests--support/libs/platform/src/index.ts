import { database } from '../../../test/support/database';

export const url = database;
