export * from './testing/contract';
