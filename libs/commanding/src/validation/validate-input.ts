import { DomainError } from '@guanxi/kernel';
import type { FieldError } from '@guanxi/kernel';
import { plainToInstance } from 'class-transformer';
import type { ValidationError } from 'class-validator';
import { validateSync } from 'class-validator';
import { isTransformed } from './class-transformer.codec';

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
 * An instance of the input class with the data's fields. Only fields whose class declares how they are turned into
 * something else go through class-transformer: it copies every value, which long lists of lines cannot afford.
 */
function instanceOf<I extends object>(input: new () => I, data: object): I {
  const fields = Object.entries(data);
  const declared = fields.filter(([field]) => isTransformed(input, field));
  const instance =
    declared.length === 0
      ? new input()
      : plainToInstance(input, Object.fromEntries(declared), { exposeDefaultValues: true });
  return Object.assign(instance, Object.fromEntries(fields.filter((entry) => !declared.includes(entry))));
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
