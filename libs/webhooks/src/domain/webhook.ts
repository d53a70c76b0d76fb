import type { CommandMeta, Decider, Decision, EventOf, Instant } from '@guanxi/kernel';
import { conflict, event, invalid, notFound } from '@guanxi/kernel';
import type { Static } from '@sinclair/typebox';
import { Type } from '@sinclair/typebox';

const Subscription = Type.Object({
  url: Type.String(),
  /** Names of topics, all of whose events are wanted. */
  topics: Type.Array(Type.String()),
  /** Names of contracts that are wanted, such as `deal-won.v1`. */
  types: Type.Array(Type.String()),
  description: Type.Optional(Type.String()),
});

/** What a webhook is told, and where. */
export type Subscription = Static<typeof Subscription>;

const reason = Type.Object({ reason: Type.Optional(Type.String()) });

export const webhookEvents = [
  event('webhook-registered.v1', Type.Composite([Subscription, Type.Object({ secretId: Type.String() })])),
  event('webhook-updated.v1', Type.Partial(Subscription)),
  event(
    'webhook-secret-rotated.v1',
    Type.Object({ secretId: Type.String(), reason: Type.Optional(Type.String()) }),
  ),
  event('webhook-enabled.v1', reason),
  event('webhook-disabled.v1', reason),
  event('webhook-removed.v1', reason),
  event(
    'webhook-replay-requested.v1',
    Type.Union([Type.Object({ after: Type.String() }), Type.Object({ from: Type.String() })]),
  ),
] as const;

export type WebhookEvent = EventOf<typeof webhookEvents>;

/** How long a rotated secret signs beside the new one. */
export const OLD_SECRET_MILLISECONDS = 24 * 60 * 60 * 1_000;

/** Former secrets that sign at most: each makes the header of every request longer. */
const MOST_FORMER = 4;

/** A secret by its name; what it is itself is kept elsewhere, sealed. */
export interface SecretInUse {
  readonly id: string;
  readonly since: Instant;
}

/** From where on events are told again: behind a position, or recorded at an instant or later. */
export type ReplayFrom = { readonly after: string } | { readonly from: string };

/** A replay and the revision of the event that asked for it. */
export interface AskedReplay {
  readonly revision: number;
  readonly from: ReplayFrom;
}

/** A webhook that is or was registered. */
export interface KnownWebhook {
  readonly status: 'enabled' | 'disabled' | 'removed';
  readonly subscription: Subscription;
  /** The one in force first, then those before it that may still sign beside it, the latest first. */
  readonly secrets: readonly [SecretInUse, ...SecretInUse[]];
  /** Why it is disabled. */
  readonly reason?: string;
  /** How often deliveries were resumed: what had been given up is tried again from then on. */
  readonly enabledAtRevision: number;
  /** Every replay that was asked for, the latest last: one may come before those in front of it are taken up. */
  readonly replays: readonly AskedReplay[];
}

/** A webhook as decisions see it. */
export type Webhook = { readonly status: 'none' } | KnownWebhook;

export const webhookDecider: Decider<Webhook, WebhookEvent> = {
  initial: { status: 'none' },
  evolve: (webhook, happened) => {
    if (happened.type === 'webhook-registered.v1') {
      const { secretId, ...subscription } = happened.data;
      return {
        status: 'enabled',
        subscription,
        secrets: [{ id: secretId, since: happened.at }],
        enabledAtRevision: happened.revision,
        replays: [],
      };
    }
    if (webhook.status === 'none') return webhook;
    const { at, revision } = happened;
    switch (happened.type) {
      case 'webhook-updated.v1':
        return { ...webhook, subscription: { ...webhook.subscription, ...happened.data } };
      case 'webhook-secret-rotated.v1':
        return {
          ...webhook,
          secrets: [{ id: happened.data.secretId, since: at }, ...stillSigning(webhook, at)],
        };
      case 'webhook-enabled.v1': {
        const { reason: _reason, ...rest } = webhook;
        return { ...rest, status: 'enabled', enabledAtRevision: revision };
      }
      case 'webhook-disabled.v1':
        return { ...webhook, status: 'disabled', ...happened.data };
      case 'webhook-removed.v1':
        return { ...webhook, status: 'removed' };
      case 'webhook-replay-requested.v1':
        return { ...webhook, replays: [...webhook.replays, { revision, from: happened.data }] };
    }
  },
};

/** What the caller says when registering. */
export interface RegisterFields {
  readonly url: string;
  readonly topics?: readonly string[];
  readonly types?: readonly string[];
  readonly description?: string;
}

/**
 * Registers a webhook: what happens from now on is told there. The secret is named after the command that asked for it.
 * @throws DomainError `webhook.exists`, `webhook.wants-nothing`
 */
export const registerWebhook =
  (input: RegisterFields, { commandId }: Pick<CommandMeta, 'commandId'>): Decision<Webhook, WebhookEvent> =>
  (webhook) => {
    const subscription = subscriptionOf(input);
    if (webhook.status === 'none')
      return [{ type: 'webhook-registered.v1', data: { ...subscription, secretId: commandId } }];
    if (webhook.status !== 'removed' && sameSubscription(webhook.subscription, subscription)) return [];
    throw conflict('webhook.exists', 'this webhook is registered already; update to change it');
  };

/**
 * Changes where a webhook is and what it wants, from now on; lists replace what stood.
 * @throws DomainError `webhook.unknown`, `webhook.removed`, `webhook.wants-nothing`
 */
export const updateWebhook =
  (input: Partial<RegisterFields>): Decision<Webhook, WebhookEvent> =>
  (webhook) => {
    const { subscription } = standing(webhook);
    const changes = changesOf(subscription, input);
    if (Object.keys(changes).length === 0) return [];
    requireWants({ ...subscription, ...changes });
    return [{ type: 'webhook-updated.v1', data: changes }];
  };

/** Makes a new secret; the one before it signs beside it for a day. @throws DomainError `webhook.unknown`, `webhook.removed` */
export const rotateSecret =
  (
    input: { readonly reason?: string },
    { commandId }: Pick<CommandMeta, 'commandId'>,
  ): Decision<Webhook, WebhookEvent> =>
  (webhook) => {
    standing(webhook);
    return [{ type: 'webhook-secret-rotated.v1', data: { secretId: commandId, ...said(input) } }];
  };

/** Resumes deliveries, each key from where it stood. @throws DomainError `webhook.unknown`, `webhook.removed` */
export const enableWebhook =
  (input: { readonly reason?: string }): Decision<Webhook, WebhookEvent> =>
  (webhook) =>
    standing(webhook).status === 'enabled' ? [] : [{ type: 'webhook-enabled.v1', data: said(input) }];

/** Ends deliveries; nothing is forgotten. @throws DomainError `webhook.unknown`, `webhook.removed` */
export const disableWebhook =
  (input: { readonly reason?: string }): Decision<Webhook, WebhookEvent> =>
  (webhook) =>
    standing(webhook).status === 'disabled' ? [] : [{ type: 'webhook-disabled.v1', data: said(input) }];

/** Ends a webhook for good, and forgets its secrets and deliveries. @throws DomainError `webhook.unknown` */
export const removeWebhook =
  (input: { readonly reason?: string }): Decision<Webhook, WebhookEvent> =>
  (webhook) =>
    known(webhook).status === 'removed' ? [] : [{ type: 'webhook-removed.v1', data: said(input) }];

/**
 * Asks for past events to be told again: those behind a position, or recorded at an instant or later.
 * @throws DomainError `webhook.unknown`, `webhook.removed`, `webhook.replay-from`
 */
export const replayWebhook =
  ({ after, from }: { readonly after?: string; readonly from?: string }): Decision<Webhook, WebhookEvent> =>
  (webhook) => {
    standing(webhook);
    if (after !== undefined && from === undefined)
      return [{ type: 'webhook-replay-requested.v1', data: { after } }];
    if (from !== undefined && after === undefined)
      return [{ type: 'webhook-replay-requested.v1', data: { from } }];
    throw invalid(
      'webhook.replay-from',
      'say where to begin: after (a position) or from (an instant), one of them',
    );
  };

/** Not the one before the last alone: who rotates anew, because the answer was lost, has handed out neither. */
function stillSigning({ secrets }: KnownWebhook, at: Instant): readonly SecretInUse[] {
  return secrets.slice(0, MOST_FORMER).filter((_secret, index) => {
    const replaced = secrets[index - 1]?.since;
    return replaced === undefined || Date.parse(at) - Date.parse(replaced) < OLD_SECRET_MILLISECONDS;
  });
}

function known(webhook: Webhook): KnownWebhook {
  if (webhook.status === 'none') throw notFound('webhook.unknown', 'there is no such webhook');
  return webhook;
}

function standing(webhook: Webhook): KnownWebhook {
  const found = known(webhook);
  if (found.status === 'removed')
    throw conflict('webhook.removed', 'this webhook was removed; register a new one');
  return found;
}

function subscriptionOf({ url, topics = [], types = [], description }: RegisterFields): Subscription {
  const subscription = {
    url,
    topics: sorted(topics),
    types: sorted(types),
    ...(description !== undefined && description !== null && { description }),
  };
  requireWants(subscription);
  return subscription;
}

function requireWants({ topics, types }: Subscription): void {
  if (topics.length + types.length > 0) return;
  throw invalid('webhook.wants-nothing', 'name what is wanted: topics, types, or both');
}

function changesOf(standing_: Subscription, wanted: Partial<RegisterFields>): Partial<Subscription> {
  const { url, topics, types, description } = wanted;
  return {
    ...(isGiven(url) && url !== standing_.url && { url }),
    ...(isGiven(topics) && !sameList(topics, standing_.topics) && { topics: sorted(topics) }),
    ...(isGiven(types) && !sameList(types, standing_.types) && { types: sorted(types) }),
    ...(isGiven(description) && description !== standing_.description && { description }),
  };
}

const isGiven = <T>(value: T | null | undefined): value is T => value !== undefined && value !== null;

const sorted = (names: readonly string[] | null): string[] => [...new Set(names ?? [])].sort();

const sameList = (a: readonly string[], b: readonly string[]): boolean =>
  JSON.stringify(sorted(a)) === JSON.stringify(sorted(b));

const sameSubscription = (a: Subscription, b: Subscription): boolean =>
  a.url === b.url &&
  a.description === b.description &&
  sameList(a.topics, b.topics) &&
  sameList(a.types, b.types);

const said = ({ reason: text }: { readonly reason?: string }): { readonly reason?: string } =>
  isGiven(text) ? { reason: text } : {};
