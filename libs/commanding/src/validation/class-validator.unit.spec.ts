import {
  ArrayMaxSize,
  IsArray,
  IsIn,
  IsInt,
  IsOptional,
  IsString,
  Length,
  Min,
  ValidateIf,
  ValidateNested,
  validateSync,
} from 'class-validator';
import * as fc from 'fast-check';
import { isCertainlyValid } from './class-validator.codec';

class Place {
  @IsString() @Length(1, 3) readonly city!: string;
  @IsOptional() @IsInt() @Min(0) readonly floor?: number | null;
}

class Order {
  @IsIn(['a', 'b']) readonly kind!: string;
  @IsOptional() @IsArray() @ArrayMaxSize(2) @IsString({ each: true }) readonly tags?: string[] | null;
  @ValidateIf((order: Order) => order.kind === 'b') @IsInt() readonly count?: number;
  @IsOptional() @ValidateNested() readonly place?: Place;
  @ValidateIf((_, value) => value !== undefined) @ValidateNested({ each: true }) readonly places?: Place[];
}

class InGroup {
  @IsString({ groups: ['strict'] }) readonly name!: string;
}

const anything = fc.oneof(
  fc.constantFrom<unknown>('a', 'b', 'long', '', 1, -1, 0.5, null, undefined, true),
  fc.constant([]),
);
const mostly = (good: fc.Arbitrary<unknown>): fc.Arbitrary<unknown> =>
  fc.oneof({ weight: 6, arbitrary: good }, { weight: 1, arbitrary: anything });
const instance = <T extends object>(type: new () => T, fields: Record<string, fc.Arbitrary<unknown>>) =>
  fc.record(fields).map((values) => {
    const given = Object.entries(values).filter(([, value]) => value !== 'absent');
    return Object.assign(new type(), Object.fromEntries(given));
  });
const absent = fc.constant('absent');
const place = instance(Place, {
  city: mostly(fc.constantFrom('Xi', 'Ube')),
  floor: mostly(fc.constantFrom(1, null, 'absent')),
  extra: fc.oneof({ weight: 9, arbitrary: absent }, { weight: 1, arbitrary: anything }),
});
const order = instance(Order, {
  kind: mostly(fc.constantFrom('a', 'b')),
  tags: mostly(fc.oneof(absent, fc.array(mostly(fc.constant('x')), { maxLength: 3 }))),
  count: mostly(fc.constant(7)),
  place: mostly(fc.oneof(absent, place)),
  places: mostly(fc.oneof(absent, place, fc.array(mostly(place), { maxLength: 2 }))),
  unknown: fc.oneof({ weight: 9, arbitrary: absent }, { weight: 1, arbitrary: anything }),
});

it('agrees with class-validator on what is in order', () => {
  const seen = { valid: 0, invalid: 0 };
  fc.assert(
    fc.property(order, (value) => {
      const errors = validateSync(value, {
        whitelist: true,
        forbidNonWhitelisted: true,
        forbidUnknownValues: true,
      });
      seen[errors.length === 0 ? 'valid' : 'invalid'] += 1;
      expect(isCertainlyValid(value)).toBe(errors.length === 0);
    }),
    { numRuns: 5_000 },
  );
  expect(Math.min(seen.valid, seen.invalid)).toBeGreaterThan(100);
});

it('leaves to class-validator what has no rules, or rules of another kind', () => {
  expect(isCertainlyValid({})).toBe(false);
  expect(isCertainlyValid(new (class Nothing {})())).toBe(false);
  expect(isCertainlyValid(Object.assign(new InGroup(), { name: 'x' }))).toBe(false);
});
