import { IsBoolean, IsIn, IsNotEmpty, IsOptional, IsString, Matches, MaxLength } from 'class-validator';
import type { LetterSource } from './letters';
import { LETTER_SOURCES } from './letters';

/** Whose keys are meant: those of one source, of a read model or of a policy; else all. */
export class LettersInput {
  @IsOptional()
  @IsIn([...LETTER_SOURCES])
  readonly source?: LetterSource;

  @IsOptional()
  @IsString()
  readonly model?: string;

  @IsOptional()
  @IsString()
  readonly policy?: string;
}

/** Which parked keys are to be tried again: one, all of a source, a read model or a policy, or all. */
export class RetryInput extends LettersInput {
  /** A UUID, or a stream: for the relay that is the key. */
  @IsOptional()
  @IsString()
  @Matches(/^\S{1,300}$/, { message: 'key must be a UUID or a stream' })
  readonly key?: string;

  /** Must be true where nothing else is named. */
  @IsOptional()
  @IsBoolean()
  readonly all?: boolean;
}

/** Why the event that halts a key is to be left out of it for good. */
export class SkipInput extends LettersInput {
  @IsString()
  @IsNotEmpty()
  @MaxLength(1_000)
  readonly reason: string = '';

  /** Position of the event that is meant: a repeated request then skips no other one. */
  @IsOptional()
  @IsString()
  @Matches(/^\d{1,18}$/, { message: 'position must be the position of an event, as a text' })
  readonly position?: string;
}
