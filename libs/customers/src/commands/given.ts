import { IsString, Length } from 'class-validator';

export { Given, IsId } from '@guanxi/commanding';

/** A line of text of at most 200 characters, as names and codes are. */
export const IsShortText = (): PropertyDecorator => both(IsString(), Length(1, 200));

/** Text of at most 2,000 characters, as reasons are. */
export const IsLongText = (): PropertyDecorator => both(IsString(), Length(1, 2_000));

const both =
  (...decorators: readonly PropertyDecorator[]): PropertyDecorator =>
  (target, property) => {
    for (const decorate of decorators) decorate(target, property);
  };
