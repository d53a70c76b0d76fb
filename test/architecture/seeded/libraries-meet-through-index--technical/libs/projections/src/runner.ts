export const fold = 'private';
