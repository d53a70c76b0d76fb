export const url = 'http://localhost';
