import { IsAttributes, IsCurrencyCode, IsId, IsMoney, SCHEMA_KEY } from '@guanxi/commanding';
import type { Money } from '@guanxi/kernel';
import { IsOptional, IsString, Length, ValidateBy } from 'class-validator';
import { isRate } from '../domain/exchange-rate';

const NAME_LENGTH = 200;

/** A decimal above zero, as a number or in text, with 8 decimals at most. */
const IsRate = (): PropertyDecorator =>
  ValidateBy({
    name: 'isRate',
    constraints: [
      {
        [SCHEMA_KEY]: {
          anyOf: [
            { type: 'number', exclusiveMinimum: 0 },
            { type: 'string', pattern: '^\\d{1,12}(\\.\\d{1,8})?$' },
          ],
        },
      },
    ],
    validator: {
      validate: isRate,
      defaultMessage: () => 'must be a decimal above zero, with 8 decimals and 12 digits before them at most',
    },
  });

/** A line of text that must not be empty. */
const IsName = (): PropertyDecorator => (target, property) => {
  IsString()(target, property);
  Length(1, NAME_LENGTH)(target, property);
};

export class DefineProductInput {
  @IsName() readonly name!: string;
  @IsOptional() @IsName() readonly externalRef?: string;
  @IsOptional() @IsName() readonly family?: string;
  @IsOptional() @IsMoney() readonly listPrice?: Money;
  @IsOptional() @IsAttributes() readonly attributes?: Record<string, string | number | boolean>;
}

export class ReviseProductInput {
  @IsOptional() @IsName() readonly name?: string;
  @IsOptional() @IsName() readonly externalRef?: string;
  @IsOptional() @IsName() readonly family?: string;
  @IsOptional() @IsMoney() readonly listPrice?: Money;
  @IsOptional() @IsAttributes() readonly attributes?: Record<string, string | number | boolean>;
}

export class RetireProductInput {
  @IsOptional() @IsName() readonly reason?: string;
}

export class DefineSellerInput {
  @IsName() readonly name!: string;
  @IsOptional() @IsName() readonly externalRef?: string;
  @IsOptional() @IsName() readonly department?: string;
  @IsOptional() @IsName() readonly region?: string;
  @IsOptional() @IsName() readonly manager?: string;
}

export class ReviseSellerInput {
  @IsOptional() @IsName() readonly name?: string;
  @IsOptional() @IsName() readonly externalRef?: string;
  @IsOptional() @IsName() readonly department?: string;
  @IsOptional() @IsName() readonly region?: string;
  @IsOptional() @IsName() readonly manager?: string;
}

export class ReleaseSellerInput {
  @IsOptional() @IsName() readonly reason?: string;
}

export class DefineDepartmentInput {
  @IsName() readonly name!: string;
  @IsOptional() @IsName() readonly externalRef?: string;
  @IsOptional() @IsId() readonly parent?: string;
}

export class RecordExchangeRateInput {
  @IsCurrencyCode() readonly base!: string;
  @IsCurrencyCode() readonly quote!: string;
  @IsRate() readonly rate!: string | number;
}
