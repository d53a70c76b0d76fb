import type { CommandSpec } from '@guanxi/commanding';
import { commandsOn } from '@guanxi/commanding';
import {
  disableWebhook,
  enableWebhook,
  registerWebhook,
  removeWebhook,
  replayWebhook,
  rotateSecret,
  updateWebhook,
  webhookDecider,
} from '../domain/webhook';
import {
  DisableWebhookInput,
  EnableWebhookInput,
  RegisterWebhookInput,
  RemoveWebhookInput,
  ReplayWebhookInput,
  RotateWebhookSecretInput,
  UpdateWebhookInput,
} from './inputs';

const webhook = commandsOn({ collection: 'webhooks', category: 'webhook', decider: webhookDecider });
const role = 'operate';

/** Every command of this context. */
export const webhookCommands: readonly CommandSpec[] = [
  webhook('RegisterWebhook', RegisterWebhookInput, registerWebhook, {
    summary: 'Registers a webhook; its secret stands in the first answer alone',
    role,
    example: {
      url: 'https://partner.example/hooks/guanxi',
      topics: ['guanxi.deals'],
      types: ['complaint-filed.v1'],
      description: 'The data warehouse',
    },
  }),
  webhook('UpdateWebhook', UpdateWebhookInput, updateWebhook, {
    verb: 'update',
    summary: 'Changes where a webhook is and what it wants, from now on; lists replace those that stood',
    role,
    example: { url: 'https://partner.example/hooks/new', topics: ['guanxi.deals', 'guanxi.customers'] },
  }),
  webhook('RotateWebhookSecret', RotateWebhookSecretInput, rotateSecret, {
    verb: 'rotate-secret',
    summary: 'Makes a new secret, shown in this answer alone; the old one signs beside it for a day',
    role,
    example: { reason: 'it stood in a log' },
  }),
  webhook('EnableWebhook', EnableWebhookInput, enableWebhook, {
    verb: 'enable',
    summary: 'Resumes the deliveries of a webhook, each key from where it stood',
    role,
    example: { reason: 'mended' },
  }),
  webhook('DisableWebhook', DisableWebhookInput, disableWebhook, {
    verb: 'disable',
    summary: 'Ends the deliveries of a webhook until it is enabled again; nothing is forgotten',
    role,
    example: { reason: 'moving' },
  }),
  webhook('RemoveWebhook', RemoveWebhookInput, removeWebhook, {
    verb: 'remove',
    summary: 'Ends a webhook for good, and forgets its secrets and deliveries',
    role,
    example: { reason: 'not needed any more' },
  }),
  webhook('ReplayWebhook', ReplayWebhookInput, replayWebhook, {
    verb: 'replay',
    summary: 'Tells a webhook past events again: those behind a position, or recorded at an instant or later',
    role,
    example: { after: '1200' },
  }),
];
