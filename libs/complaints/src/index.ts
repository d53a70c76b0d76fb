export { complaintsContext } from './complaints.context';
export { complaints } from './read/complaints';
export type { ComplaintRow } from './read/complaints';
