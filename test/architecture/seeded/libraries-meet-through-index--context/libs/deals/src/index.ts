export * from './http/deals.routes';
