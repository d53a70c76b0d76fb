export const api = 'http://localhost';
