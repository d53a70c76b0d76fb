export const rules = 'private';
