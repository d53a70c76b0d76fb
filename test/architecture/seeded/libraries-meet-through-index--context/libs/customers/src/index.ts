export * from './http/customers.routes';
