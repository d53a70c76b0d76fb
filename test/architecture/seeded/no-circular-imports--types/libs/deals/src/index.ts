export * from './domain/deal';
