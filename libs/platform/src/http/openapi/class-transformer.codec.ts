// @ts-expect-error -- the package ships this file without its types
import { defaultMetadataStorage as storage } from 'class-transformer/cjs/storage';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage';

const untyped: unknown = storage;

/** What the decorators of class-transformer have noted: which class stands in which field. */
export const typeStorage = untyped as MetadataStorage;
