export * from './commands/advance-deal';
