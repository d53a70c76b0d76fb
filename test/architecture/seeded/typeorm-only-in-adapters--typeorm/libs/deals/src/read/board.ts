import { DataSource } from 'typeorm';

export const board = DataSource;
