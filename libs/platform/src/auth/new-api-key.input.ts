import type { Role } from '@guanxi/commanding';
import { IsInstant, ROLES } from '@guanxi/commanding';
import {
  ArrayNotEmpty,
  ArrayUnique,
  IsArray,
  IsIn,
  IsOptional,
  IsString,
  MaxLength,
  MinLength,
} from 'class-validator';

/** A key to be made. */
export class NewApiKeyInput {
  @IsString()
  @MinLength(1)
  @MaxLength(100)
  readonly name: string = '';

  @IsArray()
  @ArrayNotEmpty()
  @ArrayUnique()
  @IsIn(ROLES, { each: true })
  readonly roles: readonly Role[] = [];

  /** Never, where not said. */
  @IsOptional()
  @IsInstant()
  readonly expiresAt?: string;
}
