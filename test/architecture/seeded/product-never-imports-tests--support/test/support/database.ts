export const database = 'postgres://localhost';
