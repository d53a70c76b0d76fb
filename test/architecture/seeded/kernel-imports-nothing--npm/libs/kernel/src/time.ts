import { v5 } from 'uuid';

export const id = v5;
