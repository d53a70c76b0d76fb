import type { TransformFnParams } from 'class-transformer';
import { Transform } from 'class-transformer';
import { IsString, IsUUID, Length, ValidateIf } from 'class-validator';

/** The rules beside it hold only where the field is there; unlike with `IsOptional`, null counts as there. */
export const Given = (): PropertyDecorator => ValidateIf((_input, value: unknown) => value !== undefined);

/** A line of text of at most 200 characters, as names and codes are. */
export const IsShortText = (): PropertyDecorator => both(IsString(), Length(1, 200));

/** Text of at most 2,000 characters, as reasons are. */
export const IsLongText = (): PropertyDecorator => both(IsString(), Length(1, 2_000));

/** A UUID of any version, kept in lower case as streams and rows are named. */
export const IsId = (): PropertyDecorator =>
  both(
    IsUUID('all'),
    Transform(({ value }: TransformFnParams): unknown =>
      typeof value === 'string' ? value.toLowerCase() : value,
    ),
  );

const both =
  (...decorators: readonly PropertyDecorator[]): PropertyDecorator =>
  (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
