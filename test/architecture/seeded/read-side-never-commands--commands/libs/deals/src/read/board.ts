import { advance } from '../commands/advance-deal';

export const board = advance;
