import { DomainError } from '@guanxi/kernel';
import type { FieldError } from '@guanxi/kernel';
import { TransformationType, plainToInstance } from 'class-transformer';
import type { ValidationError } from 'class-validator';
import { validateSync } from 'class-validator';
import type { FieldTransform } from './class-transformer.codec';
import { transformsOf } from './class-transformer.codec';
import { isCertainlyValid, rememberRules } from './class-validator.codec';

rememberRules();

/**
 * Turns data into an instance of its input class.
 * @param at JSON pointer of the data inside the request, for the errors
 * @throws DomainError `input.invalid` with one error for each field and rule
 */
export function validateInput<I extends object>(input: new () => I, data: unknown, at = ''): I {
  if (typeof data !== 'object' || data === null || Array.isArray(data)) {
    throw inputInvalid([{ field: at.slice(1), rule: 'isObject', pointer: at, message: 'must be an object' }]);
  }
  const instance = instanceOf(input, data);
  if (isCertainlyValid(instance)) return instance;
  const errors = validateSync(instance, {
    whitelist: true,
    forbidNonWhitelisted: true,
    forbidUnknownValues: true,
    stopAtFirstError: false,
    validationError: { target: false, value: false },
  });
  if (errors.length > 0) throw inputInvalid(errors.flatMap((error) => fieldErrors(error, at)));
  return instance;
}

/**
 * An instance of the input class with the data's fields. What class-transformer need not do is done here: it copies
 * every value, which long lists of lines cannot afford.
 */
function instanceOf<I extends object>(input: new () => I, data: object): I {
  const transforms = transformsOf(input);
  const own: Record<string, unknown> = {};
  const left: Record<string, unknown> = {};
  let isLeft = false;
  for (const [field, value] of Object.entries(data)) {
    const transform = transforms.get(field);
    if (transform?.kind === 'class-transformer') {
      left[field] = value;
      isLeft = true;
    } else own[field] = transform ? transformed(value, field, data, transform) : value;
  }
  const instance = isLeft ? plainToInstance(input, left, { exposeDefaultValues: true }) : new input();
  return Object.assign(instance, own);
}

function transformed(
  value: unknown,
  key: string,
  obj: object,
  transform: Exclude<FieldTransform, { kind: 'class-transformer' }>,
): unknown {
  if (transform.kind === 'input') return nested(transform.input, value);
  return transform.functions.reduce<unknown>(
    (current, step) =>
      step({ value: current, key, obj, type: TransformationType.PLAIN_TO_CLASS, options: {} }),
    value,
  );
}

/** Objects become instances, also inside a list; anything else stays what it is, for its rule to refuse. */
function nested(input: new () => object, value: unknown): unknown {
  if (Array.isArray(value)) return value.map((item) => nested(input, item));
  return typeof value === 'object' && value !== null ? instanceOf(input, value) : value;
}

/** The refusal of an input, one entry a broken rule. */
export function inputInvalid(errors: readonly FieldError[]): DomainError {
  const named = errors.map(({ field, message }) => `${field} ${message}`).join('; ');
  return new DomainError('input.invalid', 'invalid', named, {}, errors);
}

function fieldErrors({ property, constraints, children }: ValidationError, at: string): FieldError[] {
  if (!property)
    return [{ field: at.slice(1), rule: 'unknownValue', pointer: at, message: 'has no field that is known' }];
  const pointer = `${at}/${property.replaceAll('~', '~0').replaceAll('/', '~1')}`;
  const field = pointer.slice(1).replaceAll('/', '.');
  const own = Object.entries(constraints ?? {}).map(([rule, message]): FieldError => {
    if (rule === 'whitelistValidation')
      return { field, rule: 'unknownField', pointer, message: 'is not a known field' };
    return {
      field,
      rule,
      pointer,
      message: message.startsWith(`${property} `) ? message.slice(property.length + 1) : message,
    };
  });
  return [...own, ...(children ?? []).flatMap((child) => fieldErrors(child, pointer))];
}
