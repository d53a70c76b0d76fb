export const tier = 'top';
