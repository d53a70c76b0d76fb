import type { TransformFnParams } from 'class-transformer';
import { Transform } from 'class-transformer';
import { IsUUID, ValidateIf } from 'class-validator';

/** The rules beside it hold only where the field is there; unlike with `IsOptional`, null counts as there. */
export const Given = (): PropertyDecorator => ValidateIf((_input, value: unknown) => value !== undefined);

/** A UUID of any version, kept in lower case as streams and rows are named. */
export const IsId = (): PropertyDecorator => (target, property) => {
  IsUUID('all')(target, property);
  Transform(({ value }: TransformFnParams): unknown =>
    typeof value === 'string' ? value.toLowerCase() : value,
  )(target, property);
};
