export const board = 'E';
