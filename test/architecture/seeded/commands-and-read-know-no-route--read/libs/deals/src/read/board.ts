import type { Path } from '../http/deals.routes';

export const board: Path = '/v1/pipeline/board';
