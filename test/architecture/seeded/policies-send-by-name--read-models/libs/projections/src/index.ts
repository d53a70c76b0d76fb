export const queries = 'queries';
