import { url } from '@guanxi/platform';

export const id = url;
