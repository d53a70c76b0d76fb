import { IsAttributes, IsMoney } from '@guanxi/commanding';
import type { Money } from '@guanxi/kernel';
import { Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsOptional,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import type { ProfileChanges } from '../domain/customer-events';
import type { LossCause } from '../domain/vocabulary';
import {
  ACQUISITION_CHANNELS,
  DATA_SOURCES,
  KINDS,
  LOSS_CAUSES,
  PARTIES,
  REFERRAL_KINDS,
  RELATIONSHIPS,
  RESPONSIBLE_SIDES,
} from '../domain/vocabulary';
import { Given, IsId, IsLongText, IsShortText } from './given';

export class AcquisitionInput {
  @IsIn(ACQUISITION_CHANNELS) readonly channel!: (typeof ACQUISITION_CHANNELS)[number];
  @Given() @IsId() readonly referredBy?: string;
  @Given() @IsIn(REFERRAL_KINDS) readonly referralKind?: (typeof REFERRAL_KINDS)[number];
}

/** Fields of the customer file; null empties a field. */
export class UpdateCustomerProfileInput implements ProfileChanges {
  @IsOptional() @IsShortText() readonly name?: string | null;
  @Given() @IsIn(KINDS) readonly kind?: (typeof KINDS)[number];
  @IsOptional() @IsIn(PARTIES) readonly party?: (typeof PARTIES)[number] | null;
  @IsOptional() @IsShortText() readonly industry?: string | null;
  @IsOptional() @IsShortText() readonly region?: string | null;
  @IsOptional() @IsShortText() readonly sizeBand?: string | null;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(200)
  @ArrayUnique()
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  readonly productInterests?: string[] | null;
  @IsOptional() @IsShortText() readonly language?: string | null;
  @IsOptional() @IsShortText() readonly contactChannel?: string | null;
  @IsOptional() @IsShortText() readonly externalRef?: string | null;
  @IsOptional()
  @ValidateNested()
  @Type(() => AcquisitionInput)
  readonly acquisition?: AcquisitionInput | null;
  @IsOptional() @IsIn(DATA_SOURCES) readonly dataSource?: (typeof DATA_SOURCES)[number] | null;
  @IsOptional() @IsMoney() readonly yearlyRevenue?: Money | null;
  /** Given anew as a whole. */
  @IsOptional() @IsAttributes() readonly attributes?: Record<string, string | number | boolean> | null;
}

export class CorrectCustomerProfileInput extends UpdateCustomerProfileInput {
  @IsLongText() readonly reason!: string;
}

export class RegisterCustomerInput extends UpdateCustomerProfileInput {
  @Given() @IsIn(RELATIONSHIPS) readonly relationship?: (typeof RELATIONSHIPS)[number];
  @Given() @IsId() readonly owner?: string;
}

export class AssignOwnerInput {
  @IsId() readonly owner!: string;
  @Given() @IsLongText() readonly reason?: string;
}

export class EndRelationshipInput {
  @IsIn(LOSS_CAUSES) readonly cause!: LossCause;
  @Given() @IsBoolean() readonly controllable?: boolean;
  @Given() @IsIn(RESPONSIBLE_SIDES) readonly responsible?: (typeof RESPONSIBLE_SIDES)[number];
  @Given() @IsShortText() readonly destination?: string;
  @Given() @IsMoney() readonly yearlyRevenueLost?: Money;
  @Given() @IsLongText() readonly detectedHow?: string;
  @Given()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  readonly assumed?: string[];
}

export class ReactivateCustomerInput {
  @Given() @IsLongText() readonly reason?: string;
}
