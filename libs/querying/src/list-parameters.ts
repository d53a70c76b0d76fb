import { Type } from 'class-transformer';
import { IsInt, IsOptional, IsString, Max, MaxLength, Min } from 'class-validator';

/** Rows that an export may hold; a page of JSON holds fewer. */
export const MOST_ROWS = 50_000;
export const MOST_ROWS_AS_JSON = 1_000;

/** Parameters of every list; a list's own parameters extend them. */
export class ListParameters {
  /** Rows in a page. */
  @Type(() => Number)
  @IsInt()
  @Min(1)
  @Max(MOST_ROWS)
  readonly limit: number = 100;

  /** Where the page before ended: its `nextCursor`. */
  @IsOptional()
  @IsString()
  @MaxLength(2_000)
  readonly cursor?: string;

  /** `field`, or `-field` for the other way round. */
  @IsOptional()
  @IsString()
  @MaxLength(100)
  readonly sort?: string;
}
