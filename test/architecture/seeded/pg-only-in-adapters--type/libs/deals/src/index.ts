export * from './read/board';
