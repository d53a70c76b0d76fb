import { FitsSchema, IsCurrencyCode, IsInstant } from '@guanxi/commanding';
import { ArrayMaxSize, IsArray, IsIn, IsInt, IsNumber, IsString, Length, Max, Min } from 'class-validator';
import type { PurchaseLine, RefundLine } from '../domain/purchase-events';
import { PurchaseLines, RefundLines } from '../domain/purchase-events';
import type { PurchaseKind } from '../domain/vocabulary';
import { PURCHASE_KINDS } from '../domain/vocabulary';
import { Given, IsId, IsLongText, IsShortText } from './given';

export class RecordPurchaseInput {
  @IsId() readonly customerId!: string;
  @Given() @IsIn(PURCHASE_KINDS) readonly kind?: PurchaseKind;
  /** 1 to 5,000 lines; amounts in minor units of `currency`. */
  @FitsSchema(PurchaseLines) readonly lines!: PurchaseLine[];
  @IsCurrencyCode() readonly currency!: string;
  @Given() @IsShortText() readonly channel?: string;
  @Given() @IsNumber() @Min(0) readonly selectionMinutes?: number;
  @Given() @IsShortText() readonly externalRef?: string;
  @Given()
  @IsArray()
  @ArrayMaxSize(50)
  @IsString({ each: true })
  @Length(1, 200, { each: true })
  readonly assumed?: string[];
}

export class CorrectPurchaseInput {
  @Given() @FitsSchema(PurchaseLines) readonly lines?: PurchaseLine[];
  @Given() @IsInstant() readonly purchasedAt?: string;
  @IsLongText() readonly reason!: string;
}

export class RefundPurchaseInput {
  @Given() @FitsSchema(RefundLines) readonly lines?: RefundLine[];
  /** Minor units of the purchase's currency. */
  @Given() @IsInt() @Min(1) @Max(Number.MAX_SAFE_INTEGER) readonly amount?: number;
  @Given() @IsLongText() readonly reason?: string;
}
