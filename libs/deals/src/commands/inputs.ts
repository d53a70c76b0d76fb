import type { Instant, Money } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { FitsSchema, Given, IsDay, IsId, IsInstant, IsMoney } from '@guanxi/commanding';
import { Type } from '@sinclair/typebox';
import { Transform, Type as Nested } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsInt,
  IsNotEmptyObject,
  IsString,
  Length,
  Min,
  ValidateNested,
} from 'class-validator';
import type { Line } from '../domain/deal';
import { DealLine } from '../domain/events';
import type { Assumable, Criterion, Evidence, Stage } from '../domain/stages';
import { ASSUMABLE, CRITERIA, EVIDENCE, STAGES } from '../domain/stages';

const TEXT = 2_000;
const lines = Type.Array(DealLine, { minItems: 1, maxItems: 500 });

/** RFC 3339 text becomes UTC; what is no instant stays as it is, for the rule beside it to refuse. */
const InUtc = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    try {
      return typeof value === 'string' ? parseInstant(value) : value;
    } catch {
      return value;
    }
  });

export class OpenDealInput {
  @IsMoney() readonly value!: Money;
  @Given() @IsId() readonly customerId?: string;
  @Given() @IsId() readonly owner?: string;
  @Given() @IsString() @Length(1, TEXT) readonly title?: string;
  @Given() @IsString() @Length(1, 200) readonly externalRef?: string;
  @Given() @FitsSchema(lines) readonly lines?: Line[];
  @Given() @IsDay() readonly expectedCloseOn?: string;
}

export class ScheduleFirstMeetingInput {
  @IsInstant() @InUtc() readonly meetingAt!: Instant;
}

export class HoldFirstMeetingInput {
  @IsBoolean() readonly agreedToContinue!: boolean;
  @Given() @IsString() @Length(1, TEXT) readonly note?: string;
}

export class ConfirmCriterionInput {
  @IsIn(CRITERIA) readonly criterion!: Criterion;
  @Given() @IsString() @Length(1, TEXT) readonly note?: string;
  @Given() @IsDay() readonly decisionOn?: string;
  @Given() @IsDay() readonly startOn?: string;
  @Given() @IsDay() readonly nextStepOn?: string;
}

export class WithdrawCriterionInput {
  @IsIn(CRITERIA) readonly criterion!: Criterion;
  @Given() @IsString() @Length(1, TEXT) readonly note?: string;
}

export class AdvanceDealInput {
  @IsIn(STAGES) readonly to!: Stage;
}

export class RegressDealInput {
  @IsIn(STAGES) readonly to!: Stage;
  @IsString() @Length(1, TEXT) readonly reason!: string;
}

export class RecordVerbalAgreementInput {
  @IsString() @Length(1, TEXT) readonly quote!: string;
}

export class CloseDealWonInput {
  @IsIn(EVIDENCE) readonly evidence!: Evidence;
  @Given() @IsMoney() readonly value?: Money;
}

export class LoseDealInput {
  @IsString() @Length(1, TEXT) readonly reason!: string;
  @Given() @IsString() @Length(1, 200) readonly competitor?: string;
  @Given() @IsMoney() readonly priceGap?: Money;
}

export class ReopenDealInput {
  @IsString() @Length(1, TEXT) readonly reason!: string;
}

export class ReviseDealInput {
  @Given() @IsMoney() readonly value?: Money;
  @Given() @IsDay() readonly expectedCloseOn?: string;
  @Given() @FitsSchema(lines) readonly lines?: Line[];
  @Given() @IsString() @Length(1, TEXT) readonly title?: string;
  @Given() @IsId() readonly customerId?: string;
}

export class ReviewDealInput {
  @Given() @IsString() @Length(1, TEXT) readonly note?: string;
}

export class AssignDealOwnerInput {
  @IsId() readonly owner!: string;
  @Given() @IsString() @Length(1, TEXT) readonly reason?: string;
}

/** One event of the deal and the moment at which it really happened. */
export class Redate {
  @IsInt() @Min(0) readonly revision!: number;
  @IsInstant() @InUtc() readonly to!: Instant;
}

export class CorrectDealInput {
  @IsString() @Length(1, TEXT) readonly reason!: string;
  @Given() @IsMoney() readonly value?: Money;
  @Given() @IsIn(STAGES) readonly stage?: Stage;
  @Given() @IsDay() readonly expectedCloseOn?: string;
  @Given() @IsNotEmptyObject() @ValidateNested() @Nested(() => Redate) readonly redate?: Redate;
}

export class ImportDealInput {
  @IsIn([...STAGES, 'won', 'lost']) readonly stage!: Stage | 'won' | 'lost';
  @IsMoney() readonly value!: Money;
  @IsInstant() @InUtc() readonly openedAt!: Instant;
  @Given() @IsInstant() @InUtc() readonly closedAt?: Instant;
  @Given() @IsId() readonly customerId?: string;
  @Given() @IsId() readonly owner?: string;
  @Given() @IsString() @Length(1, TEXT) readonly title?: string;
  @Given() @IsString() @Length(1, 200) readonly externalRef?: string;
  @Given() @FitsSchema(lines) readonly lines?: Line[];
  @Given() @IsDay() readonly expectedCloseOn?: string;
  @Given() @IsIn(EVIDENCE) readonly evidence?: Evidence;
  @Given() @IsString() @Length(1, TEXT) readonly lossReason?: string;
  @Given() @IsString() @Length(1, 200) readonly competitor?: string;
  @IsArray()
  @ArrayMaxSize(ASSUMABLE.length)
  @ArrayUnique()
  @IsIn(ASSUMABLE, { each: true })
  readonly assumed!: Assumable[];
}
