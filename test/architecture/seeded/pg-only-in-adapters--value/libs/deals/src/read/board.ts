import { Pool } from 'pg';

export const board = (): Pool => new Pool();
