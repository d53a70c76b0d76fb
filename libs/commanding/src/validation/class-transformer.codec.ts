// @ts-expect-error -- the package ships this file without its types
import { defaultMetadataStorage as storage } from 'class-transformer/cjs/storage';
import { TransformationType } from 'class-transformer';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage';

const untyped: unknown = storage;

/** What the decorators of class-transformer have noted: which class stands in which field. */
export const typeStorage = untyped as MetadataStorage;

/** True for a field that a decorator turns into something else: an instance, a number, another text. */
export const isTransformed = (input: new () => object, field: string): boolean =>
  // The types promise a result where there may be none.
  Boolean(typeStorage.findTypeMetadata(input, field)) ||
  typeStorage.findTransformMetadatas(input, field, TransformationType.PLAIN_TO_CLASS).length > 0;
