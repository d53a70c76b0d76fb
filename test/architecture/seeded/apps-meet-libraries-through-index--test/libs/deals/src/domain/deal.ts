export const deal = 'deal';
