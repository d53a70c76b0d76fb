export const path = '/v1/deals';
