// @ts-expect-error -- the package ships this file without its types
import { defaultMetadataStorage as storage } from 'class-transformer/cjs/storage';
import type { TransformFnParams } from 'class-transformer';
import { TransformationType } from 'class-transformer';
import { getMetadataStorage } from 'class-validator';
import type { MetadataStorage } from 'class-transformer/types/MetadataStorage';
import type { TypeMetadata } from 'class-transformer/types/interfaces';

const untyped: unknown = storage;

/** What the decorators of class-transformer have noted: which class stands in which field. */
export const typeStorage = untyped as MetadataStorage;

/**
 * How a field's value becomes the value of an instance: by functions, as an instance of another input class (or a
 * list of such), or by class-transformer.
 */
export type FieldTransform =
  | { readonly kind: 'functions'; readonly functions: readonly ((given: TransformFnParams) => unknown)[] }
  | { readonly kind: 'input'; readonly input: new () => object }
  | { readonly kind: 'class-transformer' };

const plans = new Map<unknown, ReadonlyMap<string, FieldTransform>>();

/**
 * The fields of a class that decorators turn into something else, found once. Only fields with a rule count: another
 * field is refused anyway.
 */
export function transformsOf(input: new () => object): ReadonlyMap<string, FieldTransform> {
  const known = plans.get(input);
  if (known) return known;
  const plan = new Map<string, FieldTransform>();
  for (const { propertyName } of getMetadataStorage().getTargetValidationMetadatas(input, '', false, false)) {
    const transform = findTransform(input, propertyName);
    if (transform !== undefined) plan.set(propertyName, transform);
  }
  plans.set(input, plan);
  return plan;
}

function findTransform(input: new () => object, field: string): FieldTransform | undefined {
  // The types promise a result where there may be none.
  const type = typeStorage.findTypeMetadata(input, field) as TypeMetadata | undefined;
  const transforms = typeStorage.findTransformMetadatas(input, field, TransformationType.PLAIN_TO_CLASS);
  if (!type && transforms.length === 0) return undefined;
  if (!type) return { kind: 'functions', functions: transforms.map(({ transformFn }) => transformFn) };
  const nested = type.typeFunction() as new () => object;
  const isInput = transforms.length === 0 && isValidated(nested);
  return isInput ? { kind: 'input', input: nested } : { kind: 'class-transformer' };
}

const isValidated = (type: unknown): boolean =>
  typeof type === 'function' &&
  getMetadataStorage().getTargetValidationMetadatas(type, '', false, false).length > 0;
