import type { Approaching, CommandAside, Told } from '@guanxi/commanding';
import type { Outcome } from '@guanxi/event-store';
import { invalidField } from '@guanxi/kernel';
import type { ContractBook } from '@guanxi/publishing';
import type { CallRules } from '../delivery/caller';
import { refusalOf } from '../delivery/caller';
import { unknownNames } from '../delivery/wanted';
import { RegisterWebhookInput, UpdateWebhookInput } from '../commands/inputs';
import type { WebhookSecrets } from './webhook-secrets';
import { secretText } from './webhook-secrets';

const NOTICE = 'the secret stood in the first answer alone; if it is lost, send RotateWebhookSecret';

/** What is checked and kept beside the commands that register and change webhooks; by the commands' names. */
export function webhookAsides(parts: {
  readonly secrets: WebhookSecrets;
  readonly contracts: ContractBook;
  readonly rules: CallRules;
}): ReadonlyMap<string, CommandAside> {
  const check = ({ input }: Approaching): void => {
    if (!(input instanceof RegisterWebhookInput || input instanceof UpdateWebhookInput)) return;
    const refusal = input.url === undefined ? undefined : refusalOf(input.url, parts.rules);
    if (refusal !== undefined) throw invalidField('url', 'isAllowed', refusal);
    const { topics, types } = unknownNames(parts.contracts, {
      topics: input.topics ?? [],
      types: input.types ?? [],
    });
    for (const [field, names] of Object.entries({ topics, types }))
      if (names.length > 0)
        throw invalidField(field, 'isKnown', `holds what is not published: ${names.join(', ')}`);
  };
  const withSecret: CommandAside = {
    before: async (approaching) => {
      check(approaching);
      // It is named after its command: a repeat finds it, and what is refused leaves one that nobody names.
      const secret = await parts.secrets.ensure(approaching.id, approaching.meta.commandId);
      return ({ repeated }: Outcome): Told =>
        repeated ? { secret: null, notice: NOTICE } : { secret: secretText(secret) };
    },
  };
  const checked: CommandAside = {
    before: async (approaching) => {
      check(approaching);
      return undefined;
    },
  };
  return new Map([
    ['RegisterWebhook', withSecret],
    ['RotateWebhookSecret', withSecret],
    ['UpdateWebhook', checked],
  ]);
}
