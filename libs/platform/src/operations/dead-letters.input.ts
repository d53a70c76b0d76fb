import { IsBoolean, IsNotEmpty, IsOptional, IsString, IsUUID, MaxLength } from 'class-validator';

/** Which parked keys are to be folded anew: one, all of a read model, or all. */
export class RetryInput {
  @IsOptional()
  @IsUUID()
  readonly key?: string;

  @IsOptional()
  @IsString()
  readonly model?: string;

  /** Must be true where neither key nor read model is named. */
  @IsOptional()
  @IsBoolean()
  readonly all?: boolean;
}

/** Why the event that halts a key is to be left out of it for good. */
export class SkipInput {
  @IsString()
  @IsNotEmpty()
  @MaxLength(1_000)
  readonly reason: string = '';

  /** Needed where the key is parked in several read models. */
  @IsOptional()
  @IsString()
  readonly model?: string;
}
