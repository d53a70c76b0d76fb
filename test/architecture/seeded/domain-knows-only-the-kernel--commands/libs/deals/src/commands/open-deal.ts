export const title = 'OpenDeal';
