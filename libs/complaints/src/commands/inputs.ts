import { IsAttributes, IsInstant, IsMoney } from '@guanxi/commanding';
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
  IsOptional,
  IsString,
  IsUUID,
  Length,
  ValidateNested,
} from 'class-validator';
import type { Assumable, Cause, Channel, ComplainantType, Level, ResolutionKind } from '../domain/vocabulary';
import {
  ASSUMABLE,
  CAUSES,
  CHANNELS,
  COMPLAINANT_TYPES,
  LEVELS,
  RESOLUTION_KINDS,
  SEVERITIES,
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
  @IsOptional() @IsUUID() readonly customerId?: string;
  @IsOptional() @IsBoolean() readonly anonymous?: boolean;
  @IsIn(CHANNELS) readonly channel!: Channel;
  @IsOptional() @IsText(LINE) readonly product?: string;
  @IsOptional() @IsText(LINE) readonly region?: string;
  @IsOptional() @IsText(STORY) readonly text?: string;
  @IsIn(CAUSES) readonly cause!: Cause;
  @IsOptional() @IsIn(SEVERITIES) readonly severity?: 1 | 2 | 3 | 4;
  @IsOptional() @IsIn(COMPLAINANT_TYPES) readonly complainantType?: ComplainantType;
  @IsOptional() @IsMoney() readonly claimedLoss?: Money;
  @IsOptional() @IsText(LINE) readonly externalRef?: string;
  @IsOptional() @IsAttributes() readonly attributes?: Attributes;
}

export class AcknowledgeComplaintInput {
  @IsOptional() @IsText(NOTE) readonly note?: string;
  @IsOptional() @IsText(LINE) readonly by?: string;
  @IsOptional() @IsBoolean() readonly answeredInTime?: boolean;
}

export class RecordFindingInput {
  @IsText(NOTE) readonly known!: string;
  @IsOptional() @IsText(NOTE) readonly when?: string;
  @IsOptional() @IsText(NOTE) readonly done?: string;
}

export class Redress {
  @IsOptional() @IsText(NOTE) readonly text?: string;
  @IsOptional() @IsMoney() readonly amount?: Money;
}

export class ProposeSolutionInput {
  @IsText(NOTE) readonly regret!: string;
  @IsText(NOTE) readonly correction!: string;
  @IsOptional() @IsObject() @ValidateNested() @Type(() => Redress) readonly redress?: Redress;
  @IsText(NOTE) readonly remedy!: string;
}

export class AnswerProposalInput {
  @IsBoolean() readonly accepted!: boolean;
  @IsOptional() @IsText(NOTE) readonly reason?: string;
}

export class ResolveComplaintInput {
  @IsText(NOTE) readonly resolution!: string;
  @IsOptional() @IsIn(RESOLUTION_KINDS) readonly kind?: ResolutionKind;
  @IsOptional()
  @IsArray()
  @ArrayMaxSize(1)
  @IsIn(['resolvedAt'], { each: true })
  readonly assumed?: 'resolvedAt'[];
}

export class FollowUpComplaintInput {
  @IsBoolean() readonly reached!: boolean;
  @IsOptional() @IsBoolean() readonly satisfied?: boolean;
  @IsOptional() @IsBoolean() readonly wouldBuyAgain?: boolean;
  @IsOptional() @IsText(NOTE) readonly note?: string;
}

export class ReopenComplaintInput {
  @IsText(NOTE) readonly reason!: string;
}

export class CloseComplaintInput {
  @IsOptional() @IsText(NOTE) readonly note?: string;
}

export class WithdrawComplaintInput {
  @IsOptional() @IsText(NOTE) readonly reason?: string;
}

export class AssignComplaintInput {
  @IsUUID() readonly owner!: string;
}

export class EscalateComplaintInput {
  @IsOptional() @IsIn(LEVELS) readonly to?: Level;
  @IsText(NOTE) readonly reason!: string;
}

export class ImportComplaintInput {
  @IsOptional() @IsUUID() readonly customerId?: string;
  @IsOptional() @IsText(LINE) readonly externalRef?: string;
  @IsIn(CHANNELS) readonly channel!: Channel;
  @IsOptional() @IsText(LINE) readonly product?: string;
  @IsOptional() @IsText(LINE) readonly region?: string;
  @IsOptional() @IsText(STORY) readonly text?: string;
  @IsIn(CAUSES) readonly cause!: Cause;
  @IsOptional() @IsIn(SEVERITIES) readonly severity?: 1 | 2 | 3 | 4;
  @IsOptional() @IsAttributes() readonly attributes?: Attributes;
  @IsInstant() @InUtc() readonly filedAt!: Instant;
  @IsOptional() @IsInstant() @InUtc() readonly acknowledgedAt?: Instant;
  @IsOptional() @IsBoolean() readonly answeredInTime?: boolean;
  @IsOptional() @IsIn(RESOLUTION_KINDS) readonly resolution?: ResolutionKind;
  @IsOptional() @IsInstant() @InUtc() readonly resolvedAt?: Instant;
  @IsArray()
  @ArrayMaxSize(ASSUMABLE.length)
  @ArrayUnique()
  @IsIn(ASSUMABLE, { each: true })
  readonly assumed!: Assumable[];
}
