import { Transform } from 'class-transformer';

/** A query parameter that may be repeated or hold values between commas; arrives as an array of texts. */
export const CommaList = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    if (value === undefined) return undefined;
    const texts: unknown[] = Array.isArray(value) ? value : [value];
    return texts.flatMap((text) =>
      typeof text === 'string' ? text.split(',').map((one) => one.trim()) : [text],
    );
  });
