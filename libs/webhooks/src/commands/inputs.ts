import { IsInstant, SCHEMA_KEY } from '@guanxi/commanding';
import { ArrayMaxSize, IsArray, IsOptional, IsString, Length, Matches, ValidateBy } from 'class-validator';
import { isWebhookUrl } from './webhook-url';

const MOST_NAMES = 200;
const NAME = /^[a-z][a-z0-9]*(?:[.-][a-z0-9]+)*$/;

/** An absolute http(s) address without user, password and fragment. */
const IsWebhookUrl = (): PropertyDecorator =>
  ValidateBy({
    name: 'isWebhookUrl',
    constraints: [{ [SCHEMA_KEY]: { type: 'string', format: 'uri', maxLength: 2_000 } }],
    validator: {
      validate: isWebhookUrl,
      defaultMessage: () =>
        'must be an absolute https:// address of 2000 characters at most, without user, password and fragment',
    },
  });

/** Names of topics or contracts. */
const IsNames = (): PropertyDecorator => (target, property) => {
  IsArray()(target, property);
  ArrayMaxSize(MOST_NAMES)(target, property);
  Length(1, 200, { each: true })(target, property);
  Matches(NAME, { each: true, message: `$property must be names such as guanxi.deals or deal-won.v1` })(
    target,
    property,
  );
};

export class RegisterWebhookInput {
  @IsWebhookUrl() readonly url!: string;
  /** Topics all of whose events are wanted. */
  @IsOptional() @IsNames() readonly topics?: string[];
  /** Contracts that are wanted beside them. */
  @IsOptional() @IsNames() readonly types?: string[];
  @IsOptional() @IsString() @Length(1, 500) readonly description?: string;
}

export class UpdateWebhookInput {
  @IsOptional() @IsWebhookUrl() readonly url?: string;
  /** Replaces the topics that stood; the same goes for types. */
  @IsOptional() @IsNames() readonly topics?: string[];
  @IsOptional() @IsNames() readonly types?: string[];
  @IsOptional() @IsString() @Length(1, 500) readonly description?: string;
}

class ReasonInput {
  @IsOptional() @IsString() @Length(1, 500) readonly reason?: string;
}

export class RotateWebhookSecretInput extends ReasonInput {}
export class EnableWebhookInput extends ReasonInput {}
export class DisableWebhookInput extends ReasonInput {}
export class RemoveWebhookInput extends ReasonInput {}

export class ReplayWebhookInput {
  /** Events behind this position. */
  @IsOptional()
  @IsString()
  @Matches(/^\d{1,18}$/, { message: '$property must be a position: decimal digits in text' })
  readonly after?: string;
  /** Events recorded at this instant or later. */
  @IsOptional() @IsInstant() readonly from?: string;
}
