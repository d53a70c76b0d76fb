export const contract = 'kit';
