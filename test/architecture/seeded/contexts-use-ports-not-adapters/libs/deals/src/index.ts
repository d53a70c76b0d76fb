export * from './commands/open-deal';
