import type { PoolClient } from 'pg';

export const board = (client: PoolClient): PoolClient => client;
