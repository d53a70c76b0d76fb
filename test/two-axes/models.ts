import { contexts } from '@guanxi/contexts';
import type { AnyReadModel } from '@guanxi/projections';

/** Every read model of the product. */
export const models: readonly AnyReadModel[] = contexts.flatMap(({ readModels }) => readModels);
