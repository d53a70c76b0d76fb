export const advance = 'AdvanceDeal';
