import { word } from '@guanxi/kernel';

export const forgotten = word;
