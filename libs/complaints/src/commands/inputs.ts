import { Given, IsAttributes, IsId, IsInstant, IsMoney } from '@guanxi/commanding';
import type { Instant, Money } from '@guanxi/kernel';
import { parseInstant } from '@guanxi/kernel';
import { Transform, Type } from 'class-transformer';
import {
  ArrayMaxSize,
  ArrayUnique,
  IsArray,
  IsBoolean,
  IsIn,
  IsObject,
  IsString,
  Length,
  ValidateNested,
} from 'class-validator';
import type {
  Assumable,
  Cause,
  Channel,
  Clock,
  ComplainantType,
  Level,
  ResolutionKind,
  WarningPercent,
} from '../domain/vocabulary';
import {
  ASSUMABLE,
  CAUSES,
  CHANNELS,
  CLOCKS,
  COMPLAINANT_TYPES,
  LEVELS,
  RESOLUTION_KINDS,
  SEVERITIES,
  WARNING_PERCENTS,
} from '../domain/vocabulary';

const LINE = 200;
const NOTE = 2_000;
const STORY = 10_000;

/** Text of at least one character. */
const IsText =
  (length: number): PropertyDecorator =>
  (target, property) => {
    IsString()(target, property);
    Length(1, length)(target, property);
  };

/** RFC 3339 text becomes UTC; what is no instant stays as it is, for the rule beside it to refuse. */
const InUtc = (): PropertyDecorator =>
  Transform(({ value }: { value: unknown }) => {
    try {
      return typeof value === 'string' ? parseInstant(value) : value;
    } catch {
      return value;
    }
  });

type Attributes = Record<string, string | number | boolean>;

export class FileComplaintInput {
  @Given() @IsId() readonly customerId?: string;
  @Given() @IsBoolean() readonly anonymous?: boolean;
  @IsIn(CHANNELS) readonly channel!: Channel;
  @Given() @IsText(LINE) readonly product?: string;
  @Given() @IsText(LINE) readonly region?: string;
  @Given() @IsText(STORY) readonly text?: string;
  @IsIn(CAUSES) readonly cause!: Cause;
  @Given() @IsIn(SEVERITIES) readonly severity?: 1 | 2 | 3 | 4;
  @Given() @IsIn(COMPLAINANT_TYPES) readonly complainantType?: ComplainantType;
  @Given() @IsMoney() readonly claimedLoss?: Money;
  @Given() @IsText(LINE) readonly externalRef?: string;
  @Given() @IsAttributes() readonly attributes?: Attributes;
}

export class AcknowledgeComplaintInput {
  @Given() @IsText(NOTE) readonly note?: string;
  @Given() @IsText(LINE) readonly by?: string;
  @Given() @IsBoolean() readonly answeredInTime?: boolean;
}

export class RecordFindingInput {
  @IsText(NOTE) readonly known!: string;
  @Given() @IsText(NOTE) readonly when?: string;
  @Given() @IsText(NOTE) readonly done?: string;
}

export class Redress {
  @Given() @IsText(NOTE) readonly text?: string;
  @Given() @IsMoney() readonly amount?: Money;
}

export class ProposeSolutionInput {
  @IsText(NOTE) readonly regret!: string;
  @IsText(NOTE) readonly correction!: string;
  @Given() @IsObject() @ValidateNested() @Type(() => Redress) readonly redress?: Redress;
  @IsText(NOTE) readonly remedy!: string;
}

export class AnswerProposalInput {
  @IsBoolean() readonly accepted!: boolean;
  @Given() @IsText(NOTE) readonly reason?: string;
}

export class ResolveComplaintInput {
  @IsText(NOTE) readonly resolution!: string;
  @Given() @IsIn(RESOLUTION_KINDS) readonly kind?: ResolutionKind;
  @Given()
  @IsArray()
  @ArrayMaxSize(1)
  @IsIn(['resolvedAt'], { each: true })
  readonly assumed?: 'resolvedAt'[];
}

export class FollowUpComplaintInput {
  @IsBoolean() readonly reached!: boolean;
  @Given() @IsBoolean() readonly satisfied?: boolean;
  @Given() @IsBoolean() readonly wouldBuyAgain?: boolean;
  @Given() @IsText(NOTE) readonly note?: string;
}

export class ReopenComplaintInput {
  @IsText(NOTE) readonly reason!: string;
}

export class CloseComplaintInput {
  @Given() @IsText(NOTE) readonly note?: string;
}

export class WithdrawComplaintInput {
  @Given() @IsText(NOTE) readonly reason?: string;
}

export class AssignComplaintInput {
  @IsId() readonly owner!: string;
}

export class EscalateComplaintInput {
  @Given() @IsIn(LEVELS) readonly to?: Level;
  @IsText(NOTE) readonly reason!: string;
}

export class WarnOfComplaintClockInput {
  @IsIn(CLOCKS) readonly clock!: Clock;
  @IsIn(WARNING_PERCENTS) readonly percent!: WarningPercent;
  @IsInstant() @InUtc() readonly dueAt!: Instant;
}

export class ImportComplaintInput {
  @Given() @IsId() readonly customerId?: string;
  @Given() @IsText(LINE) readonly externalRef?: string;
  @IsIn(CHANNELS) readonly channel!: Channel;
  @Given() @IsText(LINE) readonly product?: string;
  @Given() @IsText(LINE) readonly region?: string;
  @Given() @IsText(STORY) readonly text?: string;
  @IsIn(CAUSES) readonly cause!: Cause;
  @Given() @IsIn(SEVERITIES) readonly severity?: 1 | 2 | 3 | 4;
  @Given() @IsAttributes() readonly attributes?: Attributes;
  @IsInstant() @InUtc() readonly filedAt!: Instant;
  @Given() @IsInstant() @InUtc() readonly acknowledgedAt?: Instant;
  @Given() @IsBoolean() readonly answeredInTime?: boolean;
  @Given() @IsIn(RESOLUTION_KINDS) readonly resolution?: ResolutionKind;
  @Given() @IsInstant() @InUtc() readonly resolvedAt?: Instant;
  @IsArray()
  @ArrayMaxSize(ASSUMABLE.length)
  @ArrayUnique()
  @IsIn(ASSUMABLE, { each: true })
  readonly assumed!: Assumable[];
}
