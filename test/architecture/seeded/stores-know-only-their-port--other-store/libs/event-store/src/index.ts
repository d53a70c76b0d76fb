import { word } from '@guanxi/kernel';

export const port = word;
