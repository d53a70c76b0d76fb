import { CommaList } from '@guanxi/querying';
import { Type } from 'class-transformer';
import { ArrayMaxSize, IsInt, IsNotEmpty, IsOptional, IsString, Max, Min } from 'class-validator';

export const MOST_LIMIT = 1_000;
export const USUAL_LIMIT = 500;
export const LONGEST_WAIT = 60;
export const USUAL_WAIT = 20;

/** What is asked of the feed; `limit` and `wait` are for lines alone. */
export class FeedInput {
  @IsOptional()
  @CommaList()
  @IsString({ each: true })
  @IsNotEmpty({ each: true })
  @ArrayMaxSize(100)
  readonly topics?: string[];

  @IsOptional()
  @CommaList()
  @IsString({ each: true })
  @IsNotEmpty({ each: true })
  @ArrayMaxSize(1_000)
  readonly types?: string[];

  @IsOptional()
  @IsString()
  readonly after?: string;

  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST_LIMIT)
  readonly limit?: number;

  /** Seconds. */
  @IsOptional()
  @Type(() => Number)
  @IsInt()
  @Min(0)
  @Max(LONGEST_WAIT)
  readonly wait?: number;
}
