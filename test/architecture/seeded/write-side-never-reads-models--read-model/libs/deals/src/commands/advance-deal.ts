import { board } from '../read/board';

export const advance = board;
