import { settings } from './settings';

export const url = settings;
