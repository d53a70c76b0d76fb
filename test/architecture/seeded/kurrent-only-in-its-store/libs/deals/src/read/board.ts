import { KurrentDBClient } from '@kurrent/kurrentdb-client';

export const board = KurrentDBClient;
