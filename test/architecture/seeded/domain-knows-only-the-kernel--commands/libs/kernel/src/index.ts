export const word = 'kernel';
